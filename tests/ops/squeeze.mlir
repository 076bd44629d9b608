// squeeze: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<1x6x1xf32>) -> tensor<6xf32> {
  // CHECK: graph.squeeze
  %y = graph.squeeze %x : tensor<1x6x1xf32>
  return %y : tensor<6xf32>
}

// -----

func.func @squeeze_c1(%x: tensor<1x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.squeeze %x {axis = array<i64: 2>} : tensor<1x6xf32>
  return
}

// -----

func.func @squeeze_c2(%x: tensor<1x6xf32>) {
  // expected-error@+1 {{G2006 attribute axis: axis -2 is named twice in 'axis'}}
  %y = graph.squeeze %x {axis = array<i64: 0, -2>} : tensor<1x6xf32>
  return
}

// -----

func.func @squeeze_c3(%x: tensor<1x6xf32>) {
  // expected-error@+1 {{G3005 attribute axis, operand 0: axis 1 of 'x' has size 6, only axes of size 1 can be squeezed}}
  %y = graph.squeeze %x {axis = array<i64: 1>} : tensor<1x6xf32>
  return
}
