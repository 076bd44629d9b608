// RUN: graphc-opt %s --make-borders --verify-destinations | FileCheck %s
// RUN: graphc-opt %s --make-borders --eliminate-empty-tensors --one-shot-bufferize --canonicalize --cse --canonicalize --plan-arena --verify-no-alloc-no-copy | FileCheck %s --check-prefix=BUFFERS

kern.parameter @w : tensor<5xf32> stored tensor<5xf32> layout "rows" init "none"(0.0, 0.0)
kern.parameter @v : tensor<3xf32> stored tensor<3xf32> layout "rows" init "none"(0.0, 0.0)

kern.kernel @k0.elementwise "elementwise" [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>] {
^bb0(%x: f32):
  %y = arith.mulf %x, %x : f32
  kern.yield %y : f32
}

// One value to two outputs: made once, copied once. An input handed through, also reshaped, is copied.
// CHECK-LABEL: func.func @handed_through.body(
// CHECK-SAME: %[[X:.*]]: memref<2x3xf32> {graph.name = "x"}, %[[A:.*]]: memref<2x3xf32> {graph.name = "a"}, %[[B:.*]]: memref<2x3xf32>, %[[C:.*]]: memref<6xf32>, %[[PARAMS:.*]]: memref<128xi8>, %[[ARENA:.*]]: memref<1099511627776xi8>)
// CHECK: %[[T:.*]] = bufferization.to_tensor %[[X]] restrict
// CHECK: %[[Y:.*]] = kern.run @k0.elementwise ins(%[[T]],
// CHECK: bufferization.materialize_in_destination %[[Y]] in restrict writable %[[A]]
// CHECK: %[[Y2:.*]] = kern.run @[[COPY:.*elementwise]] ins(%[[Y]],
// CHECK: materialize_in_destination %[[Y2]] in restrict writable %[[B]]
// CHECK: %[[X2:.*]] = kern.run @[[COPY]] ins(%[[T]],
// CHECK: materialize_in_destination %[[X2]]
// BUFFERS-LABEL: func.func @handed_through.body(
// BUFFERS-SAME: graph.arena_buffers = 0 : i64, graph.arena_bytes = 0 : i64
// BUFFERS-COUNT-3: kern.run
// BUFFERS-NOT: memref.copy
func.func @handed_through(%x: tensor<2x3xf32> {graph.name = "x"}) -> (tensor<2x3xf32> {graph.name = "a"}, tensor<2x3xf32>, tensor<6xf32>) attributes {graph.entry = 0 : i64} {
  %n = arith.constant 6 : index
  %e = tensor.empty() : tensor<2x3xf32>
  %y = kern.run @k0.elementwise ins(%x, %n : tensor<2x3xf32>, index) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %flat = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  return %y, %y, %flat : tensor<2x3xf32>, tensor<2x3xf32>, tensor<6xf32>
}

// Params stand at 64-byte offsets, in module order; each has one view however often it is read.
// CHECK-LABEL: func.func @params.body(
// CHECK: %[[C64:.*]] = arith.constant 64 : index
// CHECK: memref.view %{{.*}}[%[[C64]]][] : memref<128xi8> to memref<3xf32>
// CHECK-NOT: memref.view
func.func @params() -> (tensor<3xf32>, tensor<3xf32>) attributes {graph.entry = 1 : i64} {
  %v = kern.read_parameter @v : tensor<3xf32>
  %again = kern.read_parameter @v : tensor<3xf32>
  return %v, %again : tensor<3xf32>, tensor<3xf32>
}

// Without elements there is nothing to read and nothing to write; such an argument is flat.
// CHECK-LABEL: func.func @empty.body(%{{.*}}: memref<0xf32>, %{{.*}}: memref<0xf32>,
// CHECK-NOT: kern.run
// BUFFERS-LABEL: func.func @empty.body(
// BUFFERS-NOT: kern.run
func.func @empty(%x: tensor<0x3xf32>) -> tensor<0x3xf32> attributes {graph.entry = 2 : i64} {
  return %x : tensor<0x3xf32>
}
// CHECK-NOT: kern.parameter
