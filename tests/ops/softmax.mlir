// softmax: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.softmax
  %y = graph.softmax %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @softmax_c1(%x: tensor<4x8x2xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 4 is outside 'x' of rank 3 (valid: -3..2)}}
  %y = graph.softmax %x {axis = 4 : i64} : tensor<4x8x2xf32>
  return
}

// -----

func.func @softmax_c1_scalar(%x: tensor<f32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: 'x' is a scalar and has no axis}}
  %y = graph.softmax %x : tensor<f32>
  return
}

// -----

func.func @softmax_c2(%x: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'softmax' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.softmax %x : tensor<4xi32>
  return
}
