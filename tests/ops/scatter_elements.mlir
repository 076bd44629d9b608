// scatter_elements: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %i: tensor<3x6xi32>, %u: tensor<3x6xf32>) -> tensor<4x6xf32> {
  // CHECK: graph.scatter_elements
  %y = graph.scatter_elements %x, %i, %u {axis = 0 : i64} : tensor<4x6xf32>, tensor<3x6xi32>, tensor<3x6xf32>
  return %y : tensor<4x6xf32>
}

// -----

func.func @scatter_elements_c1(%x: tensor<4x6xf32>, %i: tensor<3x6xi32>, %u: tensor<3x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.scatter_elements %x, %i, %u {axis = 2 : i64} : tensor<4x6xf32>, tensor<3x6xi32>, tensor<3x6xf32>
  return
}

// -----

func.func @scatter_elements_c2(%x: tensor<4xf32>) {
  // expected-error@+1 {{G4003 operand 1: 'index' of 'scatter_elements' holds positions and must be i32 or i64, it is f32}}
  %y = graph.scatter_elements %x, %x, %x {axis = 0 : i64} : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  return
}

// -----

func.func @scatter_elements_c3(%x: tensor<4xi1>, %i: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'scatter_elements' is not defined for bool}}
  %y = graph.scatter_elements %x, %i, %x {axis = 0 : i64, reduction = "add"} : tensor<4xi1>, tensor<4xi32>, tensor<4xi1>
  return
}

// -----

func.func @scatter_elements_c4(%x: tensor<2x6xf32>, %i: tensor<3x6xi32>, %u: tensor<3x6xf32>) {
  // expected-error@+1 {{G3018 operand 1, operand 0: 'index' is [3, 6], it must have the rank of 'x', which is [2, 6], and be no longer than it along any axis but axis 1}}
  %y = graph.scatter_elements %x, %i, %u {axis = 1 : i64} : tensor<2x6xf32>, tensor<3x6xi32>, tensor<3x6xf32>
  return
}

// -----

func.func @scatter_elements_c5(%x: tensor<4x6xf32>, %i: tensor<3x6xi32>, %u: tensor<2x6xf32>) {
  // expected-error@+1 {{G3018 operand 2, operand 1, operand 0: 'update' is [2, 6], for this 'x' and 'index' it must be [3, 6]}}
  %y = graph.scatter_elements %x, %i, %u {axis = 0 : i64} : tensor<4x6xf32>, tensor<3x6xi32>, tensor<2x6xf32>
  return
}

// -----

func.func @scatter_elements_c6(%x: tensor<4x6xf32>, %i: tensor<3x6xi32>, %u: tensor<3x6xf32>) {
  // expected-error@+1 {{G2003 attribute reduction: 'reduction' is 'sum', it can be 'none', 'add', 'mul', 'min' or 'max'}}
  %y = graph.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = "sum"} : tensor<4x6xf32>, tensor<3x6xi32>, tensor<3x6xf32>
  return
}
