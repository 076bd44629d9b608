// graph.derivative becomes calls of @f.fwd and @f.bwd (reverse) or of @f.jvp (forward); functions are derived once each.
// RUN: graphc-opt %s -expand-derivatives | FileCheck %s

graph.parameter @"net.w" : tensor<8x4xf32> init "none" (0.0, 0.0)

func.func private @net(%x: tensor<2x8xf32>) -> tensor<2x4xf32> {
  %w = graph.read_parameter @net.w : tensor<8x4xf32>
  %h = graph.matmul %x, %w : tensor<2x8xf32>, tensor<8x4xf32>
  %t = graph.tanh %h : tensor<2x4xf32>
  %y = graph.mul %t, %t : tensor<2x4xf32>, tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
// CHECK-LABEL: func.func @gradient(
// CHECK: graph.call @net.fwd
// CHECK: graph.call @net.bwd
func.func @gradient(%x: tensor<2x8xf32>, %ct: tensor<2x4xf32>) -> (tensor<2x8xf32>, tensor<8x4xf32>) {
  %y, %dx, %dw = graph.derivative "vjp" @net(%x, %ct) wrt [0] of [0] params ["net.w"]
    : (tensor<2x8xf32>, tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x8xf32>, tensor<8x4xf32>)
  return %dx, %dw : tensor<2x8xf32>, tensor<8x4xf32>
}
// CHECK-LABEL: func.func @tangent
// CHECK: graph.call @net.jvp
func.func @tangent(%x: tensor<2x8xf32>, %t: tensor<2x8xf32>) -> tensor<2x4xf32> {
  %y, %dy = graph.derivative "jvp" @net(%x, %t) wrt [0] of [0] params []
    : (tensor<2x8xf32>, tensor<2x8xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>)
  return %dy : tensor<2x4xf32>
}
// The gradient of a gradient: @gradient is expanded before it is derived.
// CHECK-LABEL: func.func @second
// CHECK: graph.call @gradient.jvp
func.func @second(%x: tensor<2x8xf32>, %ct: tensor<2x4xf32>, %v: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %dx, %dw, %hv, %hw = graph.derivative "jvp" @gradient(%x, %ct, %v) wrt [0] of [0, 1] params []
    : (tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<8x4xf32>, tensor<2x8xf32>, tensor<8x4xf32>)
  return %hv : tensor<2x8xf32>
}

// Made functions stand behind those of the file. What the reverse pass reads of @net is a residual; params and arguments are none.
// CHECK-LABEL: func.func private @net.fwd(
// CHECK-SAME: -> (tensor<2x4xf32>, tensor<2x4xf32>)
// CHECK-LABEL: func.func private @net.bwd(
// CHECK-SAME: tensor<2x4xf32>, %{{.*}}: tensor<2x8xf32>, %{{.*}}: tensor<2x4xf32>) -> (tensor<2x8xf32>, tensor<8x4xf32>)
// CHECK: %[[W:.*]] = graph.read_parameter @net.w
// CHECK: graph.matmul %{{.*}}, %[[W]] {transpose_b = true}
// CHECK: graph.matmul %{{.*}} {transpose_a = true}
