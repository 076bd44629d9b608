// RUN: graphc-opt %s --form-groups --split-input-file | FileCheck %s
// RUN: graphc-opt %s --form-groups --make-borders --verify-destinations --eliminate-empty-tensors --one-shot-bufferize --canonicalize --cse --canonicalize --plan-arena --verify-no-alloc-no-copy --split-input-file | FileCheck %s --check-prefix=MEMORY
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
kern.parameter @p : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @m : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)

// Param and state lie in panels; the gradient's product updates both where they lie and makes nothing else. Its first
// size is not known: it is 0 in a call that must write nothing.
// CHECK: kern.parameter @p : tensor<20x24xf32> stored tensor<2x20x16xf32> layout "panels"
// CHECK: kern.parameter @m : tensor<20x24xf32> stored tensor<2x20x16xf32> layout "panels"
// CHECK-LABEL: func.func @step(
// CHECK: %[[P:.*]] = kern.read_parameter @p : tensor<2x20x16xf32>
// CHECK: kern.run @{{.*}}contraction ins(%{{.*}}, %[[P]],
// CHECK: %[[N:.*]]:2 = kern.run @[[UPDATE:k[0-9]+.contraction]] ins(%{{.*}}, %{{.*}}, %[[P]],
// CHECK-NOT: kern.run
// CHECK: kern.kernel @[[UPDATE]] "contraction" [#[[PANELS:.*]], #[[PANELS]], #[[PANELS]], #[[PANELS]]]
// CHECK-SAME: known = array<i64: -9223372036854775808, 20, 24, 64>, transposed
// MEMORY-LABEL: func.func @step.body(
// MEMORY-SAME: graph.arena_buffers = 1 : i64, graph.arena_bytes = 8192
// MEMORY: kern.run @{{.*}} outs(%{{.*}}, %{{.*}} : memref<2x20x16xf32>, memref<2x20x16xf32>)
// MEMORY: return
func.func @step(%x: tensor<64x20xf32>, %dy: tensor<64x24xf32>) -> tensor<64x24xf32> attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<20x24xf32>
  %m = kern.read_parameter @m {state} : tensor<20x24xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<20x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<20x24xf32>) -> tensor<20x24xf32>
  %ey = tensor.empty() : tensor<64x24xf32>
  %fy = linalg.fill ins(%zero : f32) outs(%ey : tensor<64x24xf32>) -> tensor<64x24xf32>
  %y = linalg.matmul ins(%x, %p : tensor<64x20xf32>, tensor<20x24xf32>) outs(%fy : tensor<64x24xf32>) -> tensor<64x24xf32>
  %ex = tensor.empty() : tensor<20x64xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<64x20xf32>) outs(%ex : tensor<20x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<20x64xf32>
  %g = linalg.matmul ins(%t, %dy : tensor<20x64xf32>, tensor<64x24xf32>) outs(%f : tensor<20x24xf32>) -> tensor<20x24xf32>
  %n:2 = linalg.generic {indexing_maps = [#id, #id, #id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %m, %g : tensor<20x24xf32>, tensor<20x24xf32>, tensor<20x24xf32>) outs(%e, %e : tensor<20x24xf32>, tensor<20x24xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o1: f32, %o2: f32):
    %s = arith.addf %b, %c : f32
    %d = arith.subf %a, %s : f32
    linalg.yield %s, %d : f32, f32
  } -> (tensor<20x24xf32>, tensor<20x24xf32>)
  kern.write_parameter @m, %n#0 : tensor<20x24xf32>
  kern.write_parameter @p, %n#1 : tensor<20x24xf32>
  return %y : tensor<64x24xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
kern.parameter @p : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @m : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)

// Short sums, too.
// CHECK: kern.parameter @p : tensor<20x24xf32> stored tensor<2x20x16xf32> layout "panels"
// CHECK-LABEL: func.func @short(
// CHECK-NOT: elementwise
func.func @short(%x: tensor<4x20xf32>, %dy: tensor<4x24xf32>) -> tensor<4x24xf32> attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<20x24xf32>
  %m = kern.read_parameter @m {state} : tensor<20x24xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<20x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<20x24xf32>) -> tensor<20x24xf32>
  %ey = tensor.empty() : tensor<4x24xf32>
  %fy = linalg.fill ins(%zero : f32) outs(%ey : tensor<4x24xf32>) -> tensor<4x24xf32>
  %y = linalg.matmul ins(%x, %p : tensor<4x20xf32>, tensor<20x24xf32>) outs(%fy : tensor<4x24xf32>) -> tensor<4x24xf32>
  %ex = tensor.empty() : tensor<20x4xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x20xf32>) outs(%ex : tensor<20x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<20x4xf32>
  %g = linalg.matmul ins(%t, %dy : tensor<20x4xf32>, tensor<4x24xf32>) outs(%f : tensor<20x24xf32>) -> tensor<20x24xf32>
  %n:2 = linalg.generic {indexing_maps = [#id, #id, #id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %m, %g : tensor<20x24xf32>, tensor<20x24xf32>, tensor<20x24xf32>) outs(%e, %e : tensor<20x24xf32>, tensor<20x24xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o1: f32, %o2: f32):
    %s = arith.addf %b, %c : f32
    %d = arith.subf %a, %s : f32
    linalg.yield %s, %d : f32, f32
  } -> (tensor<20x24xf32>, tensor<20x24xf32>)
  kern.write_parameter @m, %n#0 : tensor<20x24xf32>
  kern.write_parameter @p, %n#1 : tensor<20x24xf32>
  return %y : tensor<4x24xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
kern.parameter @p : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @m : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)

// A state that is read again before all is written lies in rows, and so does the param of the same update.
// CHECK: kern.parameter @p : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows"
// CHECK: kern.parameter @m : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows"
// CHECK-LABEL: func.func @read_again(
func.func @read_again(%x: tensor<64x20xf32>, %dy: tensor<64x24xf32>) -> (tensor<64x24xf32>, tensor<20x24xf32>) attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<20x24xf32>
  %m = kern.read_parameter @m {state} : tensor<20x24xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<20x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<20x24xf32>) -> tensor<20x24xf32>
  %ey = tensor.empty() : tensor<64x24xf32>
  %fy = linalg.fill ins(%zero : f32) outs(%ey : tensor<64x24xf32>) -> tensor<64x24xf32>
  %y = linalg.matmul ins(%x, %p : tensor<64x20xf32>, tensor<20x24xf32>) outs(%fy : tensor<64x24xf32>) -> tensor<64x24xf32>
  %ex = tensor.empty() : tensor<20x64xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<64x20xf32>) outs(%ex : tensor<20x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<20x64xf32>
  %g = linalg.matmul ins(%t, %dy : tensor<20x64xf32>, tensor<64x24xf32>) outs(%f : tensor<20x24xf32>) -> tensor<20x24xf32>
  %n:2 = linalg.generic {indexing_maps = [#id, #id, #id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %m, %g : tensor<20x24xf32>, tensor<20x24xf32>, tensor<20x24xf32>) outs(%e, %e : tensor<20x24xf32>, tensor<20x24xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o1: f32, %o2: f32):
    %s = arith.addf %b, %c : f32
    %d = arith.subf %a, %s : f32
    linalg.yield %s, %d : f32, f32
  } -> (tensor<20x24xf32>, tensor<20x24xf32>)
  kern.write_parameter @m, %n#0 : tensor<20x24xf32>
  %m2 = kern.read_parameter @m {state} : tensor<20x24xf32>
  kern.write_parameter @p, %n#1 : tensor<20x24xf32>
  return %y, %m2 : tensor<64x24xf32>, tensor<20x24xf32>
}


// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
kern.parameter @p : tensor<64x24xf32> stored tensor<64x24xf32> layout "rows" init "none"(0.0, 0.0)

// A gradient that is made of the param itself: its product reads all of what the update writes, so the update is a pass of its own, over
// panels.
// CHECK: kern.parameter @p : tensor<64x24xf32> stored tensor<2x64x16xf32> layout "panels"
// CHECK-LABEL: func.func @of_itself(
// CHECK: %[[G:.*]] = kern.run @{{.*}}contraction {{.*}} -> tensor<2x64x16xf32>
// CHECK: kern.run @{{.*}}elementwise ins(%{{.*}}, %[[G]], %c2048 :
// MEMORY-LABEL: func.func @of_itself.body(
// MEMORY: kern.run @{{.*}}elementwise {{.*}} outs(%{{.*}} : memref<2x64x16xf32>)
// MEMORY-NOT: kern.run
// MEMORY: return
func.func @of_itself(%x: tensor<64x64xf32>) attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<64x24xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64x24xf32>) -> tensor<64x24xf32>
  %g = linalg.matmul ins(%x, %p : tensor<64x64xf32>, tensor<64x24xf32>) outs(%f : tensor<64x24xf32>) -> tensor<64x24xf32>
  %n = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %g : tensor<64x24xf32>, tensor<64x24xf32>) outs(%e : tensor<64x24xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<64x24xf32>
  kern.write_parameter @p, %n : tensor<64x24xf32>
  return
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
#all = affine_map<(d0, d1) -> ()>
kern.parameter @p : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @q : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @n : tensor<f32> stored tensor<f32> layout "rows" init "none"(0.0, 0.0)

// Gradients whose length is wanted, too. A sum of squares may take in the zeros behind the last column, so the product makes panels, with
// those zeros, and the sum and the update go over their memory. A sum of exp(g) may not: rows.
// CHECK: kern.parameter @p : tensor<20x24xf32> stored tensor<2x20x16xf32> layout "panels"
// CHECK: kern.parameter @q : tensor<20x24xf32> stored tensor<20x24xf32> layout "rows"
// CHECK-LABEL: func.func @clipped(
// CHECK: %[[G:.*]] = kern.run @[[PRODUCT:k[0-9]+.contraction]] {{.*}} -> tensor<2x20x16xf32>
// CHECK: kern.run @{{.*}}reduction ins(%[[G]], %c2, %c320 : tensor<2x20x16xf32>, index, index)
// CHECK: kern.run @{{.*}}elementwise ins(%{{.*}}, %[[G]], %{{.*}}, %c640 : tensor<2x20x16xf32>, tensor<2x20x16xf32>, tensor<f32>, index)
// CHECK: %[[H:.*]] = kern.run @{{.*}}contraction {{.*}} -> tensor<20x24xf32>
// CHECK: kern.kernel @[[PRODUCT]] "contraction" [#{{.*}}]
// MEMORY-LABEL: func.func @clipped.body(
// MEMORY: kern.run @{{.*}}elementwise {{.*}} outs(%{{.*}} : memref<2x20x16xf32>)
func.func @clipped(%x: tensor<64x20xf32>, %dy: tensor<64x24xf32>) attributes {graph.entry = 0 : i64} {
  %p = kern.read_parameter @p : tensor<20x24xf32>
  %q = kern.read_parameter @q : tensor<20x24xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<20x24xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<20x24xf32>) -> tensor<20x24xf32>
  %es = tensor.empty() : tensor<f32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<f32>) -> tensor<f32>
  %ex = tensor.empty() : tensor<20x64xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<64x20xf32>) outs(%ex : tensor<20x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<20x64xf32>
  %g = linalg.matmul ins(%t, %dy : tensor<20x64xf32>, tensor<64x24xf32>) outs(%f : tensor<20x24xf32>) -> tensor<20x24xf32>
  %square = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction", "reduction"]} ins(%g : tensor<20x24xf32>) outs(%fs : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.mulf %a, %a : f32
    %r = arith.addf %o, %s : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %next = linalg.generic {indexing_maps = [#id, #id, #all, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %g, %square : tensor<20x24xf32>, tensor<20x24xf32>, tensor<f32>) outs(%e : tensor<20x24xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %s = arith.mulf %b, %c : f32
    %d = arith.subf %a, %s : f32
    linalg.yield %d : f32
  } -> tensor<20x24xf32>
  %h = linalg.matmul ins(%t, %dy : tensor<20x64xf32>, tensor<64x24xf32>) outs(%f : tensor<20x24xf32>) -> tensor<20x24xf32>
  %exp = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction", "reduction"]} ins(%h : tensor<20x24xf32>) outs(%fs : tensor<f32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.exp %a : f32
    %r = arith.addf %o, %s : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  %nextq = linalg.generic {indexing_maps = [#id, #id, #all, #id], iterator_types = ["parallel", "parallel"]} ins(%q, %h, %exp : tensor<20x24xf32>, tensor<20x24xf32>, tensor<f32>) outs(%e : tensor<20x24xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %s = arith.mulf %b, %c : f32
    %d = arith.subf %a, %s : f32
    linalg.yield %d : f32
  } -> tensor<20x24xf32>
  kern.write_parameter @n, %square : tensor<f32>
  kern.write_parameter @p, %next : tensor<20x24xf32>
  kern.write_parameter @q, %nextq : tensor<20x24xf32>
  return
}
