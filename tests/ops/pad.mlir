// pad: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> tensor<6x8xf32> {
  // CHECK: graph.pad
  %y = graph.pad %x {padding = array<i64: 1, 1, 0, 2>} : tensor<4x6xf32>
  return %y : tensor<6x8xf32>
}

// -----

func.func @pad_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2002 attribute padding, operand 0: 'padding' has 3 numbers, 'x' has 2 axes: 4 are wanted, two for each}}
  %y = graph.pad %x {padding = array<i64: 1, 2, 3>} : tensor<4x6xf32>
  return
}

// -----

func.func @pad_c1_word(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2003 attribute padding: 'padding' of 'pad' is a pair of numbers for each axis, not a word}}
  %y = graph.pad %x {padding = "same"} : tensor<4x6xf32>
  return
}

// -----

func.func @pad_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute padding: a number of 'padding' is beyond 2^40}}
  %y = graph.pad %x {padding = array<i64: 1099511627777>} : tensor<4x6xf32>
  return
}

// -----

func.func @pad_c3(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute padding, operand 0: axis 0 of size 4 has not that many elements to take away}}
  %y = graph.pad %x {padding = array<i64: -3, -2, 0, 0>} : tensor<4x6xf32>
  return
}

// -----

func.func @pad_c4(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2003 attribute mode: 'mode' is 'zero', it can be 'constant', 'edge', 'reflect' or 'wrap'}}
  %y = graph.pad %x {padding = array<i64: 1>, mode = "zero"} : tensor<4x6xf32>
  return
}

// -----

func.func @pad_c5(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G3016 operand 0, attribute padding: mode 'reflect' needs at least 5 elements along axis 0, whose size is 4}}
  %y = graph.pad %x {padding = array<i64: 4>, mode = "reflect"} : tensor<4x6xf32>
  return
}

// -----

func.func @pad_c6(%x: tensor<4xi8>) {
  // expected-error@+1 {{G4005 attribute value: 'value' is 300, which is no i8}}
  %y = graph.pad %x {padding = array<i64: 1>, value = 300.0 : f64} : tensor<4xi8>
  return
}
