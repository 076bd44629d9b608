// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v3" -o %t
// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v3 opt-level=0" -o %t
// RUN: graphc-opt %s --lower-graph-ops --canonicalize --fuse-elementwise --form-groups --canonicalize | FileCheck %s
module {
  // Leading dims of the left-hand side: one contraction with its epilogue, in the logical shape.
  // CHECK-LABEL: func.func @leading
  // CHECK-NOT: tensor.expand_shape
  // CHECK: kern.run @{{.*}}.pack_panels
  // CHECK: kern.run @{{.*}}.contraction
  // CHECK-NEXT: return
  func.func @leading(%x: tensor<2x3x8xf32>, %w: tensor<8x5xf32>, %b: tensor<5xf32>) -> tensor<2x3x5xf32> attributes {graph.entry = 0 : i64} {
    %0 = "graph.matmul"(%x, %w) : (tensor<2x3x8xf32>, tensor<8x5xf32>) -> tensor<2x3x5xf32>
    %1 = "graph.add"(%0, %b) : (tensor<2x3x5xf32>, tensor<5xf32>) -> tensor<2x3x5xf32>
    return %1 : tensor<2x3x5xf32>
  }
  // CHECK-LABEL: func.func @vector
  func.func @vector(%x: tensor<8xf32>, %w: tensor<8x5xf32>) -> tensor<5xf32> attributes {graph.entry = 1 : i64} {
    %0 = "graph.matmul"(%x, %w) : (tensor<8xf32>, tensor<8x5xf32>) -> tensor<5xf32>
    %1 = "graph.tanh"(%0) : (tensor<5xf32>) -> tensor<5xf32>
    return %1 : tensor<5xf32>
  }
  // CHECK-LABEL: func.func @batched
  // CHECK: kern.run @{{.*}}.contraction ins(%arg0, %{{.*}} : tensor<2x3x4x8xf32>,
  func.func @batched(%x: tensor<2x3x4x8xf32>, %w: tensor<2x3x8x5xf32>) -> tensor<2x3x4x5xf32> attributes {graph.entry = 2 : i64} {
    %0 = "graph.matmul"(%x, %w) : (tensor<2x3x4x8xf32>, tensor<2x3x8x5xf32>) -> tensor<2x3x4x5xf32>
    %1 = "graph.softmax"(%0) : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32>
    return %1 : tensor<2x3x4x5xf32>
  }
  // No rows, and a sum over nothing.
  // CHECK-LABEL: func.func @zero_size
  func.func @zero_size(%x: tensor<0x8xf32>, %w: tensor<8x5xf32>, %y: tensor<4x0xf32>, %v: tensor<0x5xf32>) -> (tensor<0x5xf32>, tensor<4x5xf32>) attributes {graph.entry = 3 : i64} {
    %0 = "graph.matmul"(%x, %w) : (tensor<0x8xf32>, tensor<8x5xf32>) -> tensor<0x5xf32>
    %1 = "graph.matmul"(%y, %v) : (tensor<4x0xf32>, tensor<0x5xf32>) -> tensor<4x5xf32>
    return %0, %1 : tensor<0x5xf32>, tensor<4x5xf32>
  }
  // CHECK-LABEL: func.func @scalar
  func.func @scalar(%x: tensor<f32>, %y: tensor<3x1xf32>) -> (tensor<f32>, tensor<3x4xf32>) attributes {graph.entry = 4 : i64} {
    %c = "graph.constant"() {value = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
    %0 = "graph.exp"(%x) : (tensor<f32>) -> tensor<f32>
    %1 = "graph.mul"(%y, %c) : (tensor<3x1xf32>, tensor<1x4xf32>) -> tensor<3x4xf32>
    %2 = "graph.add"(%1, %0) : (tensor<3x4xf32>, tensor<f32>) -> tensor<3x4xf32>
    return %0, %2 : tensor<f32>, tensor<3x4xf32>
  }
  // A constant and a splat as outputs.
  // CHECK-LABEL: func.func @constants
  func.func @constants() -> (tensor<2xf32>, tensor<4096xf32>) attributes {graph.entry = 5 : i64} {
    %c = "graph.constant"() {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
    %d = "graph.constant"() {value = dense<3.0> : tensor<4096xf32>} : () -> tensor<4096xf32>
    return %c, %d : tensor<2xf32>, tensor<4096xf32>
  }
}
