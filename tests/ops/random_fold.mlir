// random_fold: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%key: tensor<i64>, %i: tensor<i32>) -> tensor<i64> {
  // CHECK: graph.random_fold
  %y = graph.random_fold %key, %i : tensor<i64>, tensor<i32>
  return %y : tensor<i64>
}

// -----

func.func @random_fold_c1(%key: tensor<f32>, %i: tensor<i64>) {
  // expected-error@+1 {{G4002 operand 0: a key of random numbers is an i64 scalar, this is f32}}
  %y = graph.random_fold %key, %i : tensor<f32>, tensor<i64>
  return
}

// -----

func.func @random_fold_c2(%key: tensor<i64>, %i: tensor<i8>) {
  // expected-error@+1 {{G4002 operand 1: 'random_fold' is not defined for i8, it takes i32, i64}}
  %y = graph.random_fold %key, %i : tensor<i64>, tensor<i8>
  return
}

// -----

func.func @random_fold_c2_vector(%key: tensor<i64>, %i: tensor<3xi64>) {
  // expected-error@+1 {{G3008 operand 1: 'random_fold' takes one number for a key, this is [3]}}
  %y = graph.random_fold %key, %i : tensor<i64>, tensor<3xi64>
  return
}
