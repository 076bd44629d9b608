// place-parts: parts of a buffer are read where they lie, what is joined is made in its place, and a carry that a turn changes in
// place has one buffer.
// RUN: graphc-opt %s --place-parts | FileCheck %s
// RUN: graphc-opt %s --place-parts --plan-arena --canonicalize --cse --verify-no-alloc-no-copy -o %t

kern.kernel @k "elementwise" [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>] {
^bb0(%x: f32):
  kern.yield %x : f32
}
kern.kernel @part "loops" [] {
^bb0(%x: memref<1099511627776xf32>, %first: index, %count: index, %stride: index, %y: memref<1099511627776xf32>):
  kern.yield
}
kern.kernel @join "loops" [] {
^bb0(%x: memref<1099511627776xf32>, %y: memref<1099511627776xf32>, %n: index, %m: index, %all: index, %outer: index, %z: memref<1099511627776xf32>):
  kern.yield
}
kern.kernel @update "loops" [] {
^bb0(%x: memref<1099511627776xf32>, %u: memref<1099511627776xf32>, %n: index, %y: memref<1099511627776xf32>):
  kern.yield
}

// CHECK-LABEL: func.func @read_where_it_lies(
// CHECK-NOT: memref.alloc
// CHECK: %[[PART:.*]] = memref.reinterpret_cast %arg0 to offset: [5], sizes: [10], strides: [1]
// CHECK: kern.run @k ins(%[[PART]]
// CHECK-NOT: kern.run @part
func.func @read_where_it_lies(%x: memref<20xf32>, %y: memref<10xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 0 : i64} {
  %first = arith.constant 5 : index
  %n = arith.constant 10 : index
  %one = arith.constant 1 : index
  %a = memref.alloc() : memref<2x5xf32>
  %flat = memref.collapse_shape %a [[0, 1]] : memref<2x5xf32> into memref<10xf32>
  kern.run @part ins(%x, %first, %n, %one : memref<20xf32>, index, index, index) outs(%a : memref<2x5xf32>) {graph.part}
  kern.run @k ins(%flat, %n : memref<10xf32>, index) outs(%y : memref<10xf32>)
  return
}

// What is read of was written in the meantime: the copy stays.
// CHECK-LABEL: func.func @written_in_between(
// CHECK: kern.run @part
func.func @written_in_between(%x: memref<20xf32>, %y: memref<10xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 1 : i64} {
  %first = arith.constant 5 : index
  %n = arith.constant 10 : index
  %all = arith.constant 20 : index
  %one = arith.constant 1 : index
  %a = memref.alloc() : memref<10xf32>
  kern.run @part ins(%y, %first, %n, %one : memref<10xf32>, index, index, index) outs(%a : memref<10xf32>) {graph.part}
  kern.run @k ins(%x, %n : memref<20xf32>, index) outs(%y : memref<10xf32>)
  kern.run @k ins(%a, %n : memref<10xf32>, index) outs(%y : memref<10xf32>)
  return
}

// Both pieces are made in the output, also for a reader in between.
// CHECK-LABEL: func.func @made_in_place(
// CHECK-NOT: memref.alloc
// CHECK: %[[ONE:.*]] = memref.reinterpret_cast %arg1 to offset: [0], sizes: [10]
// CHECK: kern.run @k ins(%arg0, {{.*}} outs(%[[ONE]]
// CHECK: kern.run @k ins(%{{.*}}, {{.*}} outs(%arg2
// CHECK: %[[OTHER:.*]] = memref.reinterpret_cast %arg1 to offset: [10], sizes: [10]
// CHECK: kern.run @k ins(%arg0, {{.*}} outs(%[[OTHER]]
// CHECK-NOT: kern.run @join
func.func @made_in_place(%x: memref<10xf32>, %y: memref<20xf32>, %z: memref<10xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 2 : i64} {
  %n = arith.constant 10 : index
  %all = arith.constant 20 : index
  %one = arith.constant 1 : index
  %a = memref.alloc() : memref<10xf32>
  %b = memref.alloc() : memref<10xf32>
  kern.run @k ins(%x, %n : memref<10xf32>, index) outs(%a : memref<10xf32>)
  kern.run @k ins(%a, %n : memref<10xf32>, index) outs(%z : memref<10xf32>)
  kern.run @k ins(%x, %n : memref<10xf32>, index) outs(%b : memref<10xf32>)
  kern.run @join ins(%a, %b, %n, %n, %all, %one : memref<10xf32>, memref<10xf32>, index, index, index, index) outs(%y : memref<20xf32>) {graph.join}
  return
}

// One that stands at two places is copied to both; so is what nothing made here.
// CHECK-LABEL: func.func @twice(
// CHECK: memref.alloc
// CHECK: kern.run @join
func.func @twice(%x: memref<10xf32>, %y: memref<20xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 3 : i64} {
  %n = arith.constant 10 : index
  %all = arith.constant 20 : index
  %one = arith.constant 1 : index
  %a = memref.alloc() : memref<10xf32>
  kern.run @k ins(%x, %n : memref<10xf32>, index) outs(%a : memref<10xf32>)
  kern.run @join ins(%a, %a, %n, %n, %all, %one : memref<10xf32>, memref<10xf32>, index, index, index, index) outs(%y : memref<20xf32>) {graph.join}
  return
}

// A part of the carry is changed and put back: an output that may be the memory of its input.
// CHECK-LABEL: func.func private @body(
// CHECK-SAME: %arg{{[0-9]+}}: memref<20xf32> {graph.inplace = 0 : i64}
// CHECK-NOT: kern.run @part
// CHECK-NOT: kern.run @join
func.func private @body(%c: memref<20xf32>, %u: memref<1xf32>, %params: memref<0xi8>, %next: memref<20xf32>, %arena: memref<1099511627776xi8>) {
  %zero = arith.constant 0 : index
  %n = arith.constant 10 : index
  %all = arith.constant 20 : index
  %one = arith.constant 1 : index
  %a = memref.alloc() : memref<10xf32>
  %b = memref.alloc() : memref<10xf32>
  %d = memref.alloc() : memref<10xf32>
  %e = memref.alloc() : memref<10xf32>
  kern.run @part ins(%c, %zero, %n, %one : memref<20xf32>, index, index, index) outs(%a : memref<10xf32>) {graph.part}
  kern.run @part ins(%c, %n, %n, %one : memref<20xf32>, index, index, index) outs(%b : memref<10xf32>) {graph.part}
  kern.run @update ins(%a, %u, %n : memref<10xf32>, memref<1xf32>, index) outs(%d : memref<10xf32>) {inplace = array<i64: 0, 0>}
  kern.run @update ins(%b, %u, %n : memref<10xf32>, memref<1xf32>, index) outs(%e : memref<10xf32>) {inplace = array<i64: 0, 0>}
  kern.run @join ins(%d, %e, %n, %n, %all, %one : memref<10xf32>, memref<10xf32>, index, index, index, index) outs(%next : memref<20xf32>) {graph.join}
  return
}

// The old value is read behind its change: two buffers.
// CHECK-LABEL: func.func private @reads_the_old(
// CHECK-NOT: graph.inplace
// CHECK: return
func.func private @reads_the_old(%c: memref<20xf32>, %u: memref<1xf32>, %params: memref<0xi8>, %next: memref<20xf32>, %old: memref<20xf32>, %arena: memref<1099511627776xi8>) {
  %n = arith.constant 20 : index
  kern.run @update ins(%c, %u, %n : memref<20xf32>, memref<1xf32>, index) outs(%next : memref<20xf32>) {inplace = array<i64: 0, 0>}
  kern.run @k ins(%c, %n : memref<20xf32>, index) outs(%old : memref<20xf32>)
  return
}

// The loop: one copy before it, none in or behind it, no second buffer.
// CHECK-LABEL: func.func private @loop(
// CHECK-SAME: %arg3: memref<20xf32> {graph.inplace = 0 : i64}
// CHECK-NOT: memref.alloc
// CHECK: scf.if
// CHECK-NEXT: kern.run @{{.*}} ins(%arg0, %{{.*}} outs(%arg3
// CHECK: scf.for {{.*}} iter_args(%[[NOW:.*]] = %arg3, %[[NEXT:.*]] = %arg3, %{{.*}} = %arg3)
// CHECK-NEXT: kern.run @body ins(%[[NOW]], %arg1, %arg2 {{.*}} outs(%[[NEXT]]
// CHECK-NOT: kern.run
// CHECK-LABEL: func.func @entry(
// CHECK: kern.run @loop {{.*}} {inplace = array<i64: 0, 0>}
func.func private @loop(%first: memref<20xf32>, %u: memref<1xf32>, %params: memref<0xi8>, %last: memref<20xf32>, %arena: memref<1099511627776xi8>) attributes {graph.control} {
  %zero = arith.constant 0 : index
  %n = arith.constant 7 : index
  %one = arith.constant 1 : index
  %other = memref.alloc() : memref<20xf32>
  %r:3 = scf.for %i = %zero to %n step %one iter_args(%now = %first, %next = %last, %then = %other) -> (memref<20xf32>, memref<20xf32>, memref<20xf32>) {
    kern.run @body ins(%now, %u, %params : memref<20xf32>, memref<1xf32>, memref<0xi8>) outs(%next : memref<20xf32>)
    scf.yield %next, %then, %next : memref<20xf32>, memref<20xf32>, memref<20xf32>
  } {graph.carries = array<i64: 1, 3>}
  return
}

func.func @entry(%x: memref<20xf32>, %u: memref<1xf32>, %y: memref<20xf32>, %z: memref<20xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 4 : i64} {
  kern.run @loop ins(%x, %u, %params : memref<20xf32>, memref<1xf32>, memref<0xi8>) outs(%y : memref<20xf32>)
  kern.run @reads_the_old ins(%x, %u, %params : memref<20xf32>, memref<1xf32>, memref<0xi8>) outs(%y, %z : memref<20xf32>, memref<20xf32>)
  return
}
