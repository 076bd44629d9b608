// flip: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  // CHECK: graph.flip
  %y = graph.flip %x {axis = array<i64: 0>} : tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

// -----

func.func @flip_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.flip %x {axis = array<i64: 2>} : tensor<4x6xf32>
  return
}

// -----

func.func @flip_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2006 attribute axis: axis 1 is named twice in 'axis'}}
  %y = graph.flip %x {axis = array<i64: 1, 1>} : tensor<4x6xf32>
  return
}
