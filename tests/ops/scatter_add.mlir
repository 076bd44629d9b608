// scatter_add: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %i: tensor<3xi32>, %u: tensor<3x6xf32>) -> tensor<4x6xf32> {
  // CHECK: graph.scatter_add
  %y = graph.scatter_add %x, %i, %u : tensor<4x6xf32>, tensor<3xi32>, tensor<3x6xf32>
  return %y : tensor<4x6xf32>
}

// -----

func.func @scatter_add_c1(%x: tensor<4x6xf32>, %i: tensor<3xi32>, %u: tensor<3x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.scatter_add %x, %i, %u {axis = 2 : i64} : tensor<4x6xf32>, tensor<3xi32>, tensor<3x6xf32>
  return
}

// -----

func.func @scatter_add_c2(%x: tensor<4xf32>, %u: tensor<3xf32>) {
  // expected-error@+1 {{G4003 operand 1: 'index' of 'scatter_add' holds positions and must be i32 or i64, it is f32}}
  %y = graph.scatter_add %x, %u, %u : tensor<4xf32>, tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @scatter_add_c3(%x: tensor<4xf32>, %i: tensor<3xi32>) {
  // expected-error@+1 {{G4001 operand 2, operand 0: 'update' is i32 and 'x' is f32, they must have one dtype}}
  %y = graph.scatter_add %x, %i, %i : tensor<4xf32>, tensor<3xi32>, tensor<3xi32>
  return
}

// -----

func.func @scatter_add_c4(%x: tensor<4x6xf32>, %i: tensor<3xi32>, %u: tensor<3x6xf32>) {
  // expected-error@+1 {{G3018 operand 2, operand 1, operand 0: 'update' is [3, 6], for this 'x' and 'index' it must be [4, 3]}}
  %y = graph.scatter_add %x, %i, %u {axis = 1 : i64} : tensor<4x6xf32>, tensor<3xi32>, tensor<3x6xf32>
  return
}
