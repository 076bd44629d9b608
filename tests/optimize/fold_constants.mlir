// fold-constants: whole trees in one pass; not where the result would be much larger than what it is made from.
// RUN: graphc-opt %s -fold-constants | FileCheck %s

// CHECK-LABEL: @tree
// CHECK: %[[Y:.*]] = graph.constant dense<[6.000000e+00, 8.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: return %[[Y]]
func.func @tree() -> tensor<2xf32> {
  %a = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = graph.constant dense<2.0> : tensor<f32>
  %c = graph.add %a, %b : tensor<2xf32>, tensor<f32>
  %d = graph.mul %c, %b : tensor<2xf32>, tensor<f32>
  return %d : tensor<2xf32>
}

// CHECK-LABEL: @position
// CHECK: graph.constant dense<1> : tensor<i32>
func.func @position() -> tensor<i32> {
  %a = graph.constant dense<[1.0, 7.0, 2.0]> : tensor<3xf32>
  %b = graph.argmax %a : tensor<3xf32>
  return %b : tensor<i32>
}

// CHECK-LABEL: @grows
// CHECK: graph.add
func.func @grows() -> tensor<100x100xf32> {
  %a = graph.constant dense<1.0> : tensor<100x1xf32>
  %b = graph.constant dense<2.0> : tensor<1x100xf32>
  %c = graph.add %a, %b : tensor<100x1xf32>, tensor<1x100xf32>
  return %c : tensor<100x100xf32>
}

// CHECK-LABEL: @partly_known
// CHECK: graph.add
func.func @partly_known(%x: tensor<f32>) -> tensor<f32> {
  %a = graph.constant dense<1.0> : tensor<f32>
  %c = graph.add %a, %x : tensor<f32>, tensor<f32>
  return %c : tensor<f32>
}
