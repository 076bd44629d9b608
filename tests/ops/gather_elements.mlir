// gather_elements: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %i: tensor<4x9xi64>) -> tensor<4x9xf32> {
  // CHECK: graph.gather_elements
  %y = graph.gather_elements %x, %i {axis = 1 : i64} : tensor<4x6xf32>, tensor<4x9xi64>
  return %y : tensor<4x9xf32>
}

// -----

func.func @gather_elements_c1(%x: tensor<4x6xf32>, %i: tensor<4x9xi64>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.gather_elements %x, %i {axis = 2 : i64} : tensor<4x6xf32>, tensor<4x9xi64>
  return
}

// -----

func.func @gather_elements_c2(%x: tensor<4x6xf32>, %i: tensor<4x6xf32>) {
  // expected-error@+1 {{G4003 operand 1: 'index' of 'gather_elements' holds positions and must be i32 or i64, it is f32}}
  %y = graph.gather_elements %x, %i {axis = 0 : i64} : tensor<4x6xf32>, tensor<4x6xf32>
  return
}

// -----

func.func @gather_elements_c3(%x: tensor<4x6xf32>, %i: tensor<4x9xi64>) {
  // expected-error@+1 {{G3018 operand 1, operand 0: 'index' is [4, 9], it must have the rank of 'x', which is [4, 6], and be no longer than it along any axis but axis 0}}
  %y = graph.gather_elements %x, %i {axis = 0 : i64} : tensor<4x6xf32>, tensor<4x9xi64>
  return
}
