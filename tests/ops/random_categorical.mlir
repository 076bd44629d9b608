// random_categorical: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>, %key: tensor<i64>) -> tensor<4xi32> {
  // CHECK: graph.random_categorical
  %y = graph.random_categorical %x, %key : tensor<4x8xf32>, tensor<i64>
  return %y : tensor<4xi32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>, %key: tensor<i64>)
    -> tensor<?xi64, #graph.shape<()[s0] -> (s0), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.random_categorical
  %y = graph.random_categorical %x, %key {dtype = i64} : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>, tensor<i64>
  return %y : tensor<?xi64, #graph.shape<()[s0] -> (s0), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @random_categorical_c1(%x: tensor<4xi32>, %key: tensor<i64>) {
  // expected-error@+1 {{G4002 operand 0: 'random_categorical' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.random_categorical %x, %key : tensor<4xi32>, tensor<i64>
  return
}

// -----

func.func @random_categorical_c2(%x: tensor<f32>, %key: tensor<i64>) {
  // expected-error@+1 {{G3008 operand 0: 'random_categorical' needs an axis of classes}}
  %y = graph.random_categorical %x, %key : tensor<f32>, tensor<i64>
  return
}

// -----

func.func @random_categorical_c3(%x: tensor<4x0xf32>, %key: tensor<i64>) {
  // expected-error@+1 {{G3016 operand 0: 'random_categorical' needs at least one class, the last axis of [4, 0] is empty}}
  %y = graph.random_categorical %x, %key : tensor<4x0xf32>, tensor<i64>
  return
}

// -----

func.func @random_categorical_c4(%x: tensor<4xf32>, %key: tensor<i64>) {
  // expected-error@+1 {{G4002 attribute dtype: classes cannot be f32, they can be i32 or i64}}
  %y = graph.random_categorical %x, %key {dtype = f32} : tensor<4xf32>, tensor<i64>
  return
}

// -----

func.func @random_categorical_c5(%x: tensor<4294967296xf32>, %key: tensor<i64>) {
  // expected-error@+1 {{G4005 operand 0: positions along an axis of size 4294967296 do not fit i32, set 'dtype' to i64}}
  %y = graph.random_categorical %x, %key : tensor<4294967296xf32>, tensor<i64>
  return
}

// -----

func.func @random_categorical_c6(%x: tensor<4xf32>, %key: tensor<i32>) {
  // expected-error@+1 {{G4002 operand 1: a key of random numbers is an i64 scalar, this is i32}}
  %y = graph.random_categorical %x, %key : tensor<4xf32>, tensor<i32>
  return
}
