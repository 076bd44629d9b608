// select: broadcasting and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @broadcast
func.func @broadcast(%c: tensor<4x1xi1>, %a: tensor<f64>, %b: tensor<2x1x8xf64>) -> tensor<2x4x8xf64> {
  // CHECK: graph.select
  %y = graph.select %c, %a, %b : tensor<4x1xi1>, tensor<f64>, tensor<2x1x8xf64>
  return %y : tensor<2x4x8xf64>
}

// -----

func.func @select_c1(%c: tensor<4xi1>, %a: tensor<f32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{G3001 operand 2, operand 0: cannot combine [4] with [3]: axis 0 is 4 and 3}}
  %y = graph.select %c, %a, %b : tensor<4xi1>, tensor<f32>, tensor<3xf32>
  return
}

// -----

func.func @select_c2(%c: tensor<4xi1>, %a: tensor<f64>, %b: tensor<f32>) {
  // expected-error@+1 {{G4001 operand 2, operand 1: 'select' combines f64 and f32, its operands must have one dtype}}
  %y = graph.select %c, %a, %b : tensor<4xi1>, tensor<f64>, tensor<f32>
  return
}

// -----

func.func @select_c3(%c: tensor<4xi32>, %a: tensor<f32>, %b: tensor<f32>) {
  // expected-error@+1 {{G4004 operand 0: a condition must be bool, this is i32}}
  %y = graph.select %c, %a, %b : tensor<4xi32>, tensor<f32>, tensor<f32>
  return
}
