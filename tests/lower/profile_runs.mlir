// RUN: graphc-opt %s --split-input-file --profile-runs --canonicalize | FileCheck %s
// Before each run a call says which it is and what it costs, after it one that it is over.

// CHECK: func.func private @graphc.profile(index, index, index)
// CHECK-LABEL: func.func @contraction
// 2 * 6 * 32 * 48 and a product for each of 6 * 32; 4 (6 * 48 + 2 * 48 * 16 + 6 * 32)
// CHECK-DAG: %[[WHICH:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[END:.*]] = arith.constant -1 : index
// CHECK-DAG: %[[FLOPS:.*]] = arith.constant 18624 : index
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 8064 : index
// CHECK: call @graphc.profile(%[[WHICH]], %[[FLOPS]], %[[BYTES]])
// CHECK-NEXT: kern.run @k
// CHECK-NEXT: call @graphc.profile(%[[END]], %[[WHICH]], %[[WHICH]])
func.func @contraction(%x: memref<6x48xf32>, %w: memref<2x48x16xf32>, %y: memref<6x32xf32>) attributes {graph.entry = 0 : i64} {
  %g = arith.constant 1 : index
  %m = arith.constant 6 : index
  %n = arith.constant 32 : index
  %k = arith.constant 48 : index
  kern.run @k ins(%x, %w, %g, %m, %n, %k : memref<6x48xf32>, memref<2x48x16xf32>, index, index, index, index) outs(%y : memref<6x32xf32>)
  return
}
kern.kernel @k "contraction" [] attributes {batched = array<i1: false, false>} {
^bb0(%sum: f32):
  %two = arith.constant 2.0 : f32
  %r = arith.mulf %sum, %two : f32
  kern.yield %r : f32
}

// -----

// Sizes known to a run alone: what depends on an element counts for each, the rest once per row.
// CHECK-LABEL: func.func @rows
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?x?xf32>, %{{.*}}: memref<?x?xf32>, %[[M:.*]]: index, %[[N:.*]]: index
// CHECK: %[[ALL:.*]] = arith.muli %[[M]], %[[N]]
// CHECK: %[[EACH:.*]] = arith.muli %[[ALL]], %{{c2|.*}}
// CHECK: %[[FLOPS:.*]] = arith.addi %[[EACH]], %{{.*}}
// CHECK: memref.dim %[[X]]
// CHECK: call @graphc.profile(%{{.*}}, %[[FLOPS]], %{{.*}})
func.func @rows(%x: memref<?x?xf32>, %y: memref<?x?xf32>, %m: index, %n: index) {
  kern.run @k ins(%x, %m, %n : memref<?x?xf32>, index, index) outs(%y : memref<?x?xf32>)
  return
}
kern.kernel @k "rows" [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>] attributes {reduced = array<i64: 1>} {
^bb0(%e: f32):
  %sum = kern.fold %e from 0.0 : f32 {
  ^bb0(%a: f32, %b: f32):
    %next = arith.addf %a, %b : f32
    kern.yield %next : f32
  } : f32 -> f32
  %root = math.sqrt %sum : f32
  %r = arith.divf %e, %root : f32
  kern.yield %r : f32
}
