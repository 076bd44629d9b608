// random_normal: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%key: tensor<i64>) -> tensor<4x6xf32> {
  // CHECK: graph.random_normal
  %y = graph.random_normal %key {type = tensor<4x6xf32>} : tensor<i64>
  return %y : tensor<4x6xf32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%key: tensor<i64>) -> tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.random_normal
  %y = graph.random_normal %key {type = tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>} : tensor<i64>
  return %y : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @random_normal_c1(%key: tensor<i64>) {
  // expected-error@+1 {{G4002 attribute type: 'random_normal' draws no i32, it draws f32, f64, f16, bf16}}
  %y = graph.random_normal %key {type = tensor<4xi32>} : tensor<i64>
  return
}

// -----

func.func @random_normal_c2(%key: tensor<i64>) {
  // expected-error@+1 {{G0014 attribute type: a size is neither a number nor a named dim}}
  %y = graph.random_normal %key {type = tensor<?xf32>} : tensor<i64>
  return
}

// -----

func.func @random_normal_c2_axes(%key: tensor<i64>) {
  // expected-error@+1 {{G3008 attribute type: a tensor has at most 16 axes, this one has 17}}
  %y = graph.random_normal %key {type = tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>} : tensor<i64>
  return
}

// -----

func.func @random_normal_c2_memory(%key: tensor<i64>) {
  // expected-error@+1 {{G3011 attribute type: [140737488355328] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.random_normal %key {type = tensor<140737488355328xf32>} : tensor<i64>
  return
}

// -----

func.func @random_normal_c3(%key: tensor<i32>) {
  // expected-error@+1 {{G4002 operand 0: a key of random numbers is an i64 scalar, this is i32}}
  %y = graph.random_normal %key {type = tensor<4xf32>} : tensor<i32>
  return
}

// -----

func.func @random_normal_c3_vector(%key: tensor<2xi64>) {
  // expected-error@+1 {{G3008 operand 0: a key of random numbers is an i64 scalar}}
  %y = graph.random_normal %key {type = tensor<4xf32>} : tensor<2xi64>
  return
}
