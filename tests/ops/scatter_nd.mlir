// scatter_nd: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6x5xf32>, %i: tensor<3x2xi32>, %u: tensor<3x5xf32>) -> tensor<4x6x5xf32> {
  // CHECK: graph.scatter_nd
  %y = graph.scatter_nd %x, %i, %u : tensor<4x6x5xf32>, tensor<3x2xi32>, tensor<3x5xf32>
  return %y : tensor<4x6x5xf32>
}

// -----

func.func @scatter_nd_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{G4003 operand 1: 'index' of 'scatter_nd' holds positions and must be i32 or i64, it is f32}}
  %y = graph.scatter_nd %x, %x, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  return
}

// -----

func.func @scatter_nd_c2(%x: tensor<4xf32>, %i: tensor<3x1xi32>, %u: tensor<3xi32>) {
  // expected-error@+1 {{G4001 operand 2, operand 0: 'update' is i32 and 'x' is f32, they must have one dtype}}
  %y = graph.scatter_nd %x, %i, %u : tensor<4xf32>, tensor<3x1xi32>, tensor<3xi32>
  return
}

// -----

func.func @scatter_nd_c3(%x: tensor<4xf32>, %i: tensor<3x2xi32>, %u: tensor<3xf32>) {
  // expected-error@+1 {{G3008 operand 1, operand 0: 'index' names 2 axes and 'x' has 1}}
  %y = graph.scatter_nd %x, %i, %u : tensor<4xf32>, tensor<3x2xi32>, tensor<3xf32>
  return
}

// -----

func.func @scatter_nd_c4(%x: tensor<4x6x5xf32>, %i: tensor<3x2xi32>, %u: tensor<3xf32>) {
  // expected-error@+1 {{G3018 operand 2, operand 1, operand 0: 'update' is [3], for this 'x' and 'index' it must be [3, 5]}}
  %y = graph.scatter_nd %x, %i, %u : tensor<4x6x5xf32>, tensor<3x2xi32>, tensor<3xf32>
  return
}

// -----

func.func @scatter_nd_c5(%x: tensor<4x6x5xf32>, %i: tensor<3x2xi32>, %u: tensor<3x5xf32>) {
  // expected-error@+1 {{G2003 attribute reduction: 'reduction' is 'sum', it can be 'none', 'add', 'mul', 'min' or 'max'}}
  %y = graph.scatter_nd %x, %i, %u {reduction = "sum"} : tensor<4x6x5xf32>, tensor<3x2xi32>, tensor<3x5xf32>
  return
}
