// The gradients of a convolution are convolutions, whatever the kernel: also those of its filter's gradient, whose kernel
// is as large as the image. No position of a kernel becomes ops of its own.
// RUN: graphc-opt %s -expand-derivatives | FileCheck %s

func.func private @layer(%x: tensor<64x28x28x3xf32>, %w: tensor<5x5x3x6xf32>) -> tensor<64x24x24x6xf32> {
  %y = graph.conv %x, %w : tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>
  return %y : tensor<64x24x24x6xf32>
}
func.func @gradients(%x: tensor<64x28x28x3xf32>, %w: tensor<5x5x3x6xf32>, %ct: tensor<64x24x24x6xf32>) -> (tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>) {
  %y, %dx, %dw = graph.derivative "vjp" @layer(%x, %w, %ct) wrt [0, 1] of [0] params []
    : (tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>, tensor<64x24x24x6xf32>) -> (tensor<64x24x24x6xf32>, tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>)
  return %dx, %dw : tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>
}
func.func @second(%x: tensor<64x28x28x3xf32>, %w: tensor<5x5x3x6xf32>, %ct: tensor<64x24x24x6xf32>, %ctx: tensor<64x28x28x3xf32>, %ctw: tensor<5x5x3x6xf32>) -> (tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>, tensor<64x24x24x6xf32>) {
  %y:2, %d:3 = graph.derivative "vjp" @gradients(%x, %w, %ct, %ctx, %ctw) wrt [0, 1, 2] of [0, 1] params []
    : (tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>, tensor<64x24x24x6xf32>, tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>) -> (tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>, tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>, tensor<64x24x24x6xf32>)
  return %d#0, %d#1, %d#2 : tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>, tensor<64x24x24x6xf32>
}
// CHECK-LABEL: func.func private @layer.bwd(
// CHECK-NOT: {{graph.(matmul|slice|stack|conv_transpose)}}
// CHECK: graph.conv %{{.*}} {dilation = array<i64: 1, 1>, padding = array<i64: 4, 4, 4, 4>} : tensor<64x24x24x6xf32>, tensor<5x5x6x3xf32>
// CHECK-NOT: {{graph.(matmul|slice|stack|conv_transpose)}}
// CHECK: graph.conv %{{.*}} : tensor<3x64x28x28x1xf32>, tensor<64x24x24x1x6xf32>
// CHECK-NOT: {{graph.(matmul|slice|stack|conv)}}
// CHECK: return

// CHECK-LABEL: func.func private @layer.bwd.bwd(
// CHECK-NOT: {{graph.(matmul|slice|stack|conv_transpose)}}
// CHECK: graph.conv %{{.*}} : tensor<1x64x24x24x6xf32>, tensor<1x5x5x6x3xf32>
// CHECK: graph.conv %{{.*}} : tensor<1x64x28x28x3xf32>, tensor<1x5x5x3x6xf32>
// CHECK: graph.conv %{{.*}} : tensor<64x28x28x3xf32>, tensor<5x5x3x6xf32>
// CHECK: graph.conv %{{.*}} : tensor<6x64x32x32x1xf32>, tensor<64x28x28x1x3xf32>
// CHECK-NOT: {{graph.(matmul|slice|stack|conv)}}
// CHECK: return
