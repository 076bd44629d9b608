// trilu: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  // CHECK: graph.trilu
  %y = graph.trilu %x {upper = false, k = 1 : i64} : tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

// -----

func.func @trilu_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{G3008 operand 0: 'trilu' needs a matrix, 'x' has only one axis}}
  %y = graph.trilu %x : tensor<4xf32>
  return
}
