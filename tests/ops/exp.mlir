// exp: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.exp
  %y = graph.exp %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @exp_c1(%x: tensor<4xf64>) {
  // expected-error@+1 {{G4002 operand 0: 'exp' is not defined for f64 (f32)}}
  %y = graph.exp %x : tensor<4xf64>
  return
}

// -----

func.func @exp_c2(%x: tensor<?xf32>) {
  // expected-error@+1 {{G0014 operand 0: sizes known only at the call are not supported by this version of graphc}}
  %y = graph.exp %x : tensor<?xf32>
  return
}

// -----

func.func @exp_rank_17(%x: tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) {
  // expected-error@+1 {{G3008 operand 0: a tensor has at most 16 axes, this one has 17}}
  %y = graph.exp %x : tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
  return
}
