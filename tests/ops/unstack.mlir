// unstack: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<2x6xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  // CHECK: graph.unstack
  %y:2 = graph.unstack %x {axis = 0 : i64} : tensor<2x6xf32>
  return %y#0, %y#1 : tensor<6xf32>, tensor<6xf32>
}

// -----

func.func @unstack_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y:2 = graph.unstack %x {axis = 2 : i64} : tensor<4x6xf32>
  return
}

// -----

func.func @unstack_c2(%x: tensor<0x6xf32>) {
  // expected-error@+1 {{G2001 attribute axis, operand 0: axis 0 of 'x' has size 0, 'unstack' gives one result for each and needs a number, 1 to 4096}}
  %y:2 = graph.unstack %x {axis = 0 : i64} : tensor<0x6xf32>
  return
}
