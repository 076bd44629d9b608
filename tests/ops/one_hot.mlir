// one_hot: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%i: tensor<4xi32>) -> tensor<4x10xi8> {
  // CHECK: graph.one_hot
  %y = graph.one_hot %i {depth = 10 : i64, dtype = i8} : tensor<4xi32>
  return %y : tensor<4x10xi8>
}

// -----

func.func @one_hot_c1(%i: tensor<4xf32>) {
  // expected-error@+1 {{G4003 operand 0: 'index' of 'one_hot' holds positions and must be i32 or i64, it is f32}}
  %y = graph.one_hot %i {depth = 10 : i64} : tensor<4xf32>
  return
}

// -----

func.func @one_hot_c2(%i: tensor<4xi32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'y' of rank 2 (valid: -2..1)}}
  %y = graph.one_hot %i {depth = 10 : i64, axis = 2 : i64} : tensor<4xi32>
  return
}

// -----

func.func @one_hot_c3(%i: tensor<4xi32>) {
  // expected-error@+1 {{G2001 attribute depth: 'depth' is 0, it can be 1 to 2^40}}
  %y = graph.one_hot %i {depth = 0 : i64} : tensor<4xi32>
  return
}

// -----

func.func @one_hot_c4(%i: tensor<4xi32>) {
  // expected-error@+1 {{G4002 attribute dtype: there is no dtype i7}}
  %y = graph.one_hot %i {depth = 10 : i64, dtype = i7} : tensor<4xi32>
  return
}

// -----

func.func @one_hot_c5(%i: tensor<1073741824xi32>) {
  // expected-error@+1 {{G3011 attribute depth, operand 0: [1073741824, 1099511627776] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.one_hot %i {depth = 1099511627776 : i64} : tensor<1073741824xi32>
  return
}
