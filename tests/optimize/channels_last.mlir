// channels-last: convolutions get images with channels last; what lies between them goes along, and turns that meet cancel.
// RUN: graphc-opt %s -channels-last -canonicalize | FileCheck %s

// CHECK-LABEL: @net
// CHECK-NEXT: %[[X:.*]] = graph.transpose %arg0 {perm = array<i64: 0, 2, 3, 1>}
// CHECK-NEXT: %[[Y:.*]] = graph.conv %[[X]], %arg1 {padding = "same"} : tensor<1x8x8x3xf32>
// CHECK-NEXT: %[[B:.*]] = graph.reshape %arg2 {shape = #graph.shape<() -> (1, 1, 1, 16)>}
// CHECK-NEXT: %[[Z:.*]] = graph.add %[[Y]], %[[B]]
// CHECK-NEXT: %[[P:.*]] = graph.max_pool %[[Z]] {kernel = array<i64: 2>}
// CHECK-NEXT: %[[Q:.*]] = graph.conv %[[P]], %arg3 : tensor<1x4x4x16xf32>
// CHECK-NEXT: %[[S:.*]] = graph.add %[[Q]], %[[P]] : tensor<1x4x4x16xf32>
// CHECK-NEXT: %[[R:.*]] = graph.transpose %[[S]] {perm = array<i64: 0, 3, 1, 2>}
// CHECK-NEXT: %[[M:.*]] = graph.mean %[[S]] {axis = array<i64: 1, 2>} : tensor<1x4x4x16xf32>
// CHECK-NEXT: return %[[M]], %[[R]]
func.func @net(%x: tensor<1x3x8x8xf32>, %w: tensor<3x3x3x16xf32>, %b: tensor<16x1x1xf32>, %w2: tensor<1x1x16x16xf32>)
    -> (tensor<1x16xf32>, tensor<1x16x4x4xf32>) {
  %y = graph.conv %x, %w {layout = "nchw", padding = "same"} : tensor<1x3x8x8xf32>, tensor<3x3x3x16xf32>
  %z = graph.add %y, %b : tensor<1x16x8x8xf32>, tensor<16x1x1xf32>
  %p = graph.max_pool %z {kernel = array<i64: 2>, layout = "nchw"} : tensor<1x16x8x8xf32>
  %q = graph.conv %p, %w2 {layout = "nchw"} : tensor<1x16x4x4xf32>, tensor<1x1x16x16xf32>
  %s = graph.add %q, %p : tensor<1x16x4x4xf32>, tensor<1x16x4x4xf32>
  %m = graph.mean %s {axis = array<i64: 2, 3>} : tensor<1x16x4x4xf32>
  return %m, %s : tensor<1x16xf32>, tensor<1x16x4x4xf32>
}

// Axes that are named go along: of a concat, of padding, of a reduction that keeps its dims or drops the first axis.
// CHECK-LABEL: @named_axes
// CHECK: graph.pad %{{.*}} {padding = array<i64: 0, 0, 1, 2, 3, 4, 0, 0>}
// CHECK-NEXT: graph.concat %{{.*}}, %{{.*}} {axis = 3 : i64} : tensor<2x7x11x4xf32>, tensor<2x7x11x4xf32>
// CHECK-NEXT: %[[MAX:.*]] = graph.reduce_max %{{.*}} {axis = array<i64: 3>, keep_dims = true} : tensor<2x7x11x8xf32>
// CHECK-NEXT: %[[V:.*]] = graph.reshape %[[MAX]] {shape = #graph.shape<() -> (2, 1, 7, 11)>}
// CHECK-NEXT: %[[SUM:.*]] = graph.sum %{{.*}} {axis = array<i64: 0>} : tensor<2x7x11x8xf32>
// CHECK-NEXT: %[[T:.*]] = graph.transpose %[[SUM]] {perm = array<i64: 2, 0, 1>}
// CHECK-NEXT: return %[[V]], %[[T]]
func.func @named_axes(%x: tensor<2x3x4x4xf32>, %w: tensor<1x1x3x4xf32>) -> (tensor<2x1x7x11xf32>, tensor<8x7x11xf32>) {
  %y = graph.conv %x, %w {layout = "nchw"} : tensor<2x3x4x4xf32>, tensor<1x1x3x4xf32>
  %p = graph.pad %y {padding = array<i64: 0, 0, 0, 0, 1, 2, 3, 4>} : tensor<2x4x4x4xf32>
  %c = graph.concat %p, %p {axis = 1 : i64} : tensor<2x4x7x11xf32>, tensor<2x4x7x11xf32>
  %m = graph.reduce_max %c {axis = array<i64: 1>, keep_dims = true} : tensor<2x8x7x11xf32>
  %s = graph.sum %c {axis = array<i64: 0>} : tensor<2x8x7x11xf32>
  return %m, %s : tensor<2x1x7x11xf32>, tensor<8x7x11xf32>
}

// A large operand that was never turned is not turned for a sum's sake, nor is anything without a convolution.
// CHECK-LABEL: @stays
// CHECK: graph.transpose %{{.*}} {perm = array<i64: 0, 3, 1, 2>}
// CHECK-NEXT: graph.add %{{.*}}, %arg2 : tensor<2x4x4x4xf32>
// CHECK-NEXT: graph.max_pool %arg2 {kernel = array<i64: 2>, layout = "nchw"}
func.func @stays(%x: tensor<2x3x4x4xf32>, %w: tensor<1x1x3x4xf32>, %b: tensor<2x4x4x4xf32>)
    -> (tensor<2x4x4x4xf32>, tensor<2x4x2x2xf32>) {
  %y = graph.conv %x, %w {layout = "nchw"} : tensor<2x3x4x4xf32>, tensor<1x1x3x4xf32>
  %z = graph.add %y, %b : tensor<2x4x4x4xf32>, tensor<2x4x4x4xf32>
  %p = graph.max_pool %b {kernel = array<i64: 2>, layout = "nchw"} : tensor<2x4x4x4xf32>
  return %z, %p : tensor<2x4x4x4xf32>, tensor<2x4x2x2xf32>
}
