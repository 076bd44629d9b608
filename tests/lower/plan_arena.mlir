// RUN: graphc-opt %s --plan-arena --canonicalize --cse | FileCheck %s
// RUN: graphc-opt %s --plan-arena --verify-no-alloc-no-copy -o %t

kern.kernel @k "elementwise" [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>] {
^bb0(%x: f32):
  kern.yield %x : f32
}

// Three buffers in a chain without in-place: the third reuses the first one's bytes.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: graph.arena_buffers = 3 : i64, graph.arena_bytes = 256 : i64, graph.arena_inplace = 0 : i64
func.func @chain(%x: memref<20xf32>, %y: memref<20xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 0 : i64} {
  %n = arith.constant 20 : index
  %a = memref.alloc() : memref<20xf32>
  %b = memref.alloc() : memref<20xf32>
  %c = memref.alloc() : memref<20xf32>
  kern.run @k ins(%x, %n : memref<20xf32>, index) outs(%a : memref<20xf32>)
  kern.run @k ins(%a, %n : memref<20xf32>, index) outs(%b : memref<20xf32>)
  kern.run @k ins(%b, %n : memref<20xf32>, index) outs(%c : memref<20xf32>)
  kern.run @k ins(%c, %n : memref<20xf32>, index) outs(%y : memref<20xf32>)
  return
}

// The same with in-place kernels: one place for all.
// CHECK-LABEL: func.func @in_place(
// CHECK-SAME: graph.arena_buffers = 3 : i64, graph.arena_bytes = 128 : i64, graph.arena_inplace = 2 : i64
// CHECK-NOT: memref.alloc
func.func @in_place(%x: memref<20xf32>, %y: memref<20xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 1 : i64} {
  %n = arith.constant 20 : index
  %a = memref.alloc() : memref<20xf32>
  %b = memref.alloc() : memref<20xf32>
  %c = memref.alloc() : memref<20xf32>
  kern.run @k ins(%x, %n : memref<20xf32>, index) outs(%a : memref<20xf32>) {inplace = array<i64: 0, 0>}
  kern.run @k ins(%a, %n : memref<20xf32>, index) outs(%b : memref<20xf32>) {inplace = array<i64: 0, 0>}
  kern.run @k ins(%b, %n : memref<20xf32>, index) outs(%c : memref<20xf32>) {inplace = array<i64: 0, 0>}
  kern.run @k ins(%c, %n : memref<20xf32>, index) outs(%y : memref<20xf32>)
  return
}

// A value that is read again later, through a view of another shape, keeps its bytes.
// CHECK-LABEL: func.func @read_later(
// CHECK-SAME: graph.arena_buffers = 2 : i64, graph.arena_bytes = 256 : i64, graph.arena_inplace = 0 : i64
func.func @read_later(%x: memref<20xf32>, %y: memref<20xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 2 : i64} {
  %n = arith.constant 20 : index
  %a = memref.alloc() : memref<4x5xf32>
  %flat = memref.collapse_shape %a [[0, 1]] : memref<4x5xf32> into memref<20xf32>
  %b = memref.alloc() : memref<20xf32>
  kern.run @k ins(%x, %n : memref<20xf32>, index) outs(%a : memref<4x5xf32>)
  kern.run @k ins(%a, %n : memref<4x5xf32>, index) outs(%b : memref<20xf32>) {inplace = array<i64: 0, 0>}
  kern.run @k ins(%b, %n : memref<20xf32>, index) outs(%y : memref<20xf32>)
  kern.run @k ins(%flat, %n : memref<20xf32>, index) outs(%y : memref<20xf32>)
  return
}

// In order of birth the second buffer would lie behind the first, and the third, which is larger than the first, behind both: 768 bytes. The
// largest first: the others lie in its room or behind it.
// CHECK-LABEL: func.func @by_size(
// CHECK-SAME: graph.arena_buffers = 3 : i64, graph.arena_bytes = 576 : i64
func.func @by_size(%x: memref<64xf32>, %y: memref<128xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 4 : i64} {
  %n = arith.constant 16 : index
  %a = memref.alloc() : memref<64xf32>
  %b = memref.alloc() : memref<16xf32>
  %c = memref.alloc() : memref<128xf32>
  kern.run @k ins(%x, %n : memref<64xf32>, index) outs(%a : memref<64xf32>)
  kern.run @k ins(%a, %n : memref<64xf32>, index) outs(%b : memref<16xf32>)
  kern.run @k ins(%x, %n : memref<64xf32>, index) outs(%c : memref<128xf32>)
  kern.run @k ins(%b, %n : memref<16xf32>, index) outs(%y : memref<128xf32>)
  kern.run @k ins(%c, %n : memref<128xf32>, index) outs(%y : memref<128xf32>)
  return
}

// CHECK-LABEL: func.func @nothing_to_hold(
// CHECK-SAME: graph.arena_bytes = 0 : i64
// CHECK: memref.view
func.func @nothing_to_hold(%x: memref<0xf32>, %params: memref<0xi8>, %arena: memref<1099511627776xi8>) attributes {graph.entry = 3 : i64} {
  %n = arith.constant 0 : index
  %a = memref.alloc() : memref<0xf32>
  kern.run @k ins(%x, %n : memref<0xf32>, index) outs(%a : memref<0xf32>)
  kern.run @k ins(%a, %n : memref<0xf32>, index) outs(%x : memref<0xf32>)
  return
}
