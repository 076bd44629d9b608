// RUN: graphc-opt %s -sum-after-scans -symbol-dce -canonicalize | FileCheck %s
// What each turn adds to a carry is summed behind the loop, by one product over all turns.

// h lies as a sequence, d is collected already: nothing more is kept. The sum began at 0.
// CHECK-LABEL: func.func @gradient
// CHECK-SAME: (%[[D:.*]]: tensor<2x16xf32>, %[[HS:.*]]: tensor<7x2x8xf32>)
// CHECK: %[[SCAN:.*]]:2 = graph.scan @gradient.body carry(%[[D]]) over(%[[HS]]) captures() length <() -> (7)> {reverse}
// CHECK-SAME: -> (tensor<2x16xf32>, tensor<7x2x16xf32>)
// CHECK-DAG: %[[H:.*]] = graph.reshape %[[HS]] {{.*}} : tensor<7x2x8xf32>
// CHECK-DAG: %[[DS:.*]] = graph.reshape %[[SCAN]]#1 {{.*}} : tensor<7x2x16xf32>
// CHECK: %[[G:.*]] = graph.matmul %[[H]], %[[DS]] {{.*}}transpose_a = true{{.*}} : tensor<14x8xf32>, tensor<14x16xf32>
// CHECK: return %[[G]], %[[SCAN]]#1
// CHECK: func.func private @gradient.body(%{{.*}}: tensor<2x16xf32>, %{{.*}}: tensor<2x8xf32>) -> (tensor<2x16xf32>, tensor<2x16xf32>)
// CHECK-NOT: graph.matmul
func.func @gradient(%d: tensor<2x16xf32>, %hs: tensor<7x2x8xf32>) -> (tensor<8x16xf32>, tensor<7x2x16xf32>) {
  %zero = graph.constant dense<0.0> : tensor<8x16xf32>
  %r:3 = graph.scan @gradient.body carry(%zero, %d) over(%hs) captures() length <() -> (7)> {reverse}
      : (tensor<8x16xf32>, tensor<2x16xf32>, tensor<7x2x8xf32>) -> (tensor<8x16xf32>, tensor<2x16xf32>, tensor<7x2x16xf32>)
  return %r#0, %r#2 : tensor<8x16xf32>, tensor<7x2x16xf32>
}
func.func private @gradient.body(%g: tensor<8x16xf32>, %d: tensor<2x16xf32>, %h: tensor<2x8xf32>)
    -> (tensor<8x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>) {
  %next = graph.tanh %d : tensor<2x16xf32>
  %p = graph.matmul %h, %next {transpose_a = true} : tensor<2x8xf32>, tensor<2x16xf32>
  %sum = graph.add %g, %p : tensor<8x16xf32>, tensor<8x16xf32>
  return %sum, %next, %next : tensor<8x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>
}

// A sum that a turn reads stays in the turns, and so does one of terms that take more memory than it (the dot products of rows).
// CHECK-LABEL: func.func @stays
// CHECK: graph.scan @stays.body carry(%{{.*}}, %{{.*}}, %{{.*}})
func.func @stays(%x: tensor<4x4xf32>, %y: tensor<f32>) -> (tensor<4x4xf32>, tensor<f32>, tensor<4x4xf32>) {
  %r:3 = graph.scan @stays.body carry(%x, %y, %x) over() captures() length <() -> (7)>
      : (tensor<4x4xf32>, tensor<f32>, tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<f32>, tensor<4x4xf32>)
  return %r#0, %r#1, %r#2 : tensor<4x4xf32>, tensor<f32>, tensor<4x4xf32>
}
func.func private @stays.body(%a: tensor<4x4xf32>, %b: tensor<f32>, %c: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<f32>, tensor<4x4xf32>) {
  %p = graph.matmul %a, %a : tensor<4x4xf32>, tensor<4x4xf32>
  %s = graph.add %a, %p : tensor<4x4xf32>, tensor<4x4xf32>
  %n = graph.tanh %c : tensor<4x4xf32>
  %t = graph.sum %n : tensor<4x4xf32>
  %u = graph.add %b, %t : tensor<f32>, tensor<f32>
  return %s, %u, %n : tensor<4x4xf32>, tensor<f32>, tensor<4x4xf32>
}
