// expand_dims: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> tensor<1x4x6x1xf32> {
  // CHECK: graph.expand_dims
  %y = graph.expand_dims %x {axis = array<i64: 0, -1>} : tensor<4x6xf32>
  return %y : tensor<1x4x6x1xf32>
}

// -----

func.func @expand_dims_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 3 is outside 'y' of rank 3 (valid: -3..2)}}
  %y = graph.expand_dims %x {axis = array<i64: 3>} : tensor<4x6xf32>
  return
}

// -----

func.func @expand_dims_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2006 attribute axis: axis -4 is named twice in 'axis'}}
  %y = graph.expand_dims %x {axis = array<i64: 0, -4>} : tensor<4x6xf32>
  return
}
