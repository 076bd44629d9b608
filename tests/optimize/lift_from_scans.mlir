// RUN: graphc-opt %s -lift-from-scans -symbol-dce -canonicalize | FileCheck %s
// What turns make of slices alone is made before the loop for all of them.

graph.parameter @w : tensor<8x16xf32> init "none" (0.0, 0.0)
graph.parameter @r : tensor<4x16xf32> init "none" (0.0, 0.0)

// The product with a param, the bias behind it and what leads to it move; what a turn reads is one sequence. The state's product stays.
// CHECK-LABEL: func.func @recurrent
// CHECK-SAME: (%[[XS:.*]]: tensor<7x2x8xf32>, %[[H:.*]]: tensor<2x16xf32>, %[[B:.*]]: tensor<16xf32>, %[[S:.*]]: tensor<f32>)
// CHECK-DAG: %[[W:.*]] = graph.read_parameter @w
// CHECK-DAG: %[[X:.*]] = graph.mul %[[XS]], %[[S]] : tensor<7x2x8xf32>, tensor<f32>
// CHECK: %[[P:.*]] = graph.matmul %[[X]], %[[W]] {{.*}}: tensor<7x2x8xf32>, tensor<8x16xf32>
// CHECK: %[[Z:.*]] = graph.add %[[P]], %[[B]] : tensor<7x2x16xf32>, tensor<16xf32>
// CHECK: graph.scan @recurrent.body carry(%[[H]]) over(%[[Z]]) captures(%[[B]], %[[S]]) length <() -> (7)> {reverse}
// CHECK: func.func private @recurrent.body(%{{.*}}: tensor<2x16xf32>, %[[ROW:.*]]: tensor<2x16xf32>, %{{.*}}: tensor<16xf32>, %{{.*}}: tensor<f32>)
// CHECK-NOT: @w
// CHECK: graph.matmul
// CHECK-NOT: graph.matmul
// CHECK: return
func.func @recurrent(%xs: tensor<7x2x8xf32>, %h: tensor<2x16xf32>, %b: tensor<16xf32>, %s: tensor<f32>) -> tensor<2x16xf32> {
  %y = graph.scan @recurrent.body carry(%h) over(%xs) captures(%b, %s) length <() -> (7)> {reverse}
      : (tensor<2x16xf32>, tensor<7x2x8xf32>, tensor<16xf32>, tensor<f32>) -> tensor<2x16xf32>
  return %y : tensor<2x16xf32>
}
func.func private @recurrent.body(%h: tensor<2x16xf32>, %x: tensor<2x8xf32>, %b: tensor<16xf32>, %s: tensor<f32>) -> tensor<2x16xf32> {
  %w = graph.read_parameter @w : tensor<8x16xf32>
  %r = graph.read_parameter @r : tensor<4x16xf32>
  %scaled = graph.mul %x, %s : tensor<2x8xf32>, tensor<f32>
  %p = graph.matmul %scaled, %w : tensor<2x8xf32>, tensor<8x16xf32>
  %z = graph.add %p, %b : tensor<2x16xf32>, tensor<16xf32>
  %part:4 = graph.split %h {axis = 1 : i64, parts = 4 : i64} : tensor<2x16xf32>
  %q = graph.matmul %part#0, %r : tensor<2x4xf32>, tensor<4x16xf32>
  %y = graph.add %q, %z : tensor<2x16xf32>, tensor<2x16xf32>
  return %y : tensor<2x16xf32>
}
