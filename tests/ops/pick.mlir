// pick: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %i: tensor<4xi64>) -> tensor<4xf32> {
  // CHECK: graph.pick
  %y = graph.pick %x, %i : tensor<4x6xf32>, tensor<4xi64>
  return %y : tensor<4xf32>
}

// -----

func.func @pick_c1(%x: tensor<4x6xf32>, %i: tensor<4xi64>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.pick %x, %i {axis = 2 : i64} : tensor<4x6xf32>, tensor<4xi64>
  return
}

// -----

func.func @pick_c2(%x: tensor<4x6xf32>, %i: tensor<4xi8>) {
  // expected-error@+1 {{G4003 operand 1: 'index' of 'pick' holds positions and must be i32 or i64, it is i8}}
  %y = graph.pick %x, %i : tensor<4x6xf32>, tensor<4xi8>
  return
}

// -----

func.func @pick_c3(%x: tensor<4x6xf32>, %i: tensor<6xi32>) {
  // expected-error@+1 {{G3018 operand 1, operand 0: 'index' is [6], 'x' without axis 1 is [4]: there must be one position for each}}
  %y = graph.pick %x, %i : tensor<4x6xf32>, tensor<6xi32>
  return
}
