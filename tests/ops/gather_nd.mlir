// gather_nd: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6x5xf32>, %i: tensor<3x2xi32>) -> tensor<3x5xf32> {
  // CHECK: graph.gather_nd
  %y = graph.gather_nd %x, %i : tensor<4x6x5xf32>, tensor<3x2xi32>
  return %y : tensor<3x5xf32>
}

// -----

func.func @gather_nd_c1(%x: tensor<4xf32>, %i: tensor<4x1xf32>) {
  // expected-error@+1 {{G4003 operand 1: 'index' of 'gather_nd' holds positions and must be i32 or i64, it is f32}}
  %y = graph.gather_nd %x, %i : tensor<4xf32>, tensor<4x1xf32>
  return
}

// -----

func.func @gather_nd_c2(%x: tensor<4xf32>, %i: tensor<i32>) {
  // expected-error@+1 {{G3008 operand 1, operand 0: 'index' needs an axis of positions, it is a scalar}}
  %y = graph.gather_nd %x, %i : tensor<4xf32>, tensor<i32>
  return
}

// -----

func.func @gather_nd_c3(%x: tensor<4x6x5xf32>, %i: tensor<3x2xi32>) {
  // expected-error@+1 {{G2001 attribute batch_dims: 'batch_dims' is 2, it can be 0 to 1, since 'index' has 2 axes}}
  %y = graph.gather_nd %x, %i {batch_dims = 2 : i64} : tensor<4x6x5xf32>, tensor<3x2xi32>
  return
}

// -----

func.func @gather_nd_c4(%x: tensor<4xf32>, %i: tensor<3x2xi32>) {
  // expected-error@+1 {{G3008 operand 1, operand 0: 'index' names 2 axes and 'x' has 1}}
  %y = graph.gather_nd %x, %i : tensor<4xf32>, tensor<3x2xi32>
  return
}

// -----

func.func @gather_nd_c5(%x: tensor<4x6x5xf32>, %i: tensor<3x2xi32>) {
  // expected-error@+1 {{G3018 operand 1, operand 0: the first 1 axes of 'x' and 'index' must agree, 'x' is [4, 6, 5] and 'index' [3, 2]}}
  %y = graph.gather_nd %x, %i {batch_dims = 1 : i64} : tensor<4x6x5xf32>, tensor<3x2xi32>
  return
}
