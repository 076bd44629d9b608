// transpose: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6x2xf32>) -> tensor<2x6x4xf32> {
  // CHECK: graph.transpose
  %y = graph.transpose %x : tensor<4x6x2xf32>
  return %y : tensor<2x6x4xf32>
}

// -----

// CHECK-LABEL: @result_1
func.func @result_1(%x: tensor<4x6x2xf32>) -> tensor<6x2x4xf32> {
  // CHECK: graph.transpose
  %y = graph.transpose %x {perm = array<i64: 1, -1, 0>} : tensor<4x6x2xf32>
  return %y : tensor<6x2x4xf32>
}

// -----

func.func @transpose_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2002 attribute perm, operand 0: 'perm' has 1 entries, 'x' has 2 axes}}
  %y = graph.transpose %x {perm = array<i64: 1>} : tensor<4x6xf32>
  return
}

// -----

func.func @transpose_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute perm, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.transpose %x {perm = array<i64: 1, 2>} : tensor<4x6xf32>
  return
}

// -----

func.func @transpose_c3(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2006 attribute perm: axis -1 is named twice in 'perm'}}
  %y = graph.transpose %x {perm = array<i64: 1, -1>} : tensor<4x6xf32>
  return
}
