// random_bernoulli: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%key: tensor<i64>) -> tensor<4x6xi1> {
  // CHECK: graph.random_bernoulli
  %y = graph.random_bernoulli %key {type = tensor<4x6xi1>, p = 0.5 : f64} : tensor<i64>
  return %y : tensor<4x6xi1>
}

// -----

// CHECK-LABEL: @named
func.func @named(%key: tensor<i64>) -> tensor<?x8xi1, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.random_bernoulli
  %y = graph.random_bernoulli %key {type = tensor<?x8xi1, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>, p = 0.5 : f64} : tensor<i64>
  return %y : tensor<?x8xi1, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @random_bernoulli_c1(%key: tensor<i64>) {
  // expected-error@+1 {{G4002 attribute type: 'random_bernoulli' draws no i32, it draws bool}}
  %y = graph.random_bernoulli %key {type = tensor<4xi32>, p = 0.5 : f64} : tensor<i64>
  return
}

// -----

func.func @random_bernoulli_c2(%key: tensor<i64>) {
  // expected-error@+1 {{G0014 attribute type: a size is neither a number nor a named dim}}
  %y = graph.random_bernoulli %key {type = tensor<?xi1>, p = 0.5 : f64} : tensor<i64>
  return
}

// -----

func.func @random_bernoulli_c2_axes(%key: tensor<i64>) {
  // expected-error@+1 {{G3008 attribute type: a tensor has at most 16 axes, this one has 17}}
  %y = graph.random_bernoulli %key {type = tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xi1>, p = 0.5 : f64} : tensor<i64>
  return
}

// -----

func.func @random_bernoulli_c2_memory(%key: tensor<i64>) {
  // expected-error@+1 {{G3011 attribute type: [140737488355328] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.random_bernoulli %key {type = tensor<140737488355328xi1>, p = 0.5 : f64} : tensor<i64>
  return
}

// -----

func.func @random_bernoulli_c3(%key: tensor<i32>) {
  // expected-error@+1 {{G4002 operand 0: a key of random numbers is an i64 scalar, this is i32}}
  %y = graph.random_bernoulli %key {type = tensor<4xi1>, p = 0.5 : f64} : tensor<i32>
  return
}

// -----

func.func @random_bernoulli_c3_vector(%key: tensor<2xi64>) {
  // expected-error@+1 {{G3008 operand 0: a key of random numbers is an i64 scalar}}
  %y = graph.random_bernoulli %key {type = tensor<4xi1>, p = 0.5 : f64} : tensor<2xi64>
  return
}

// -----

func.func @random_bernoulli_c4(%key: tensor<i64>) {
  // expected-error@+1 {{G2001 attribute p: 'p' is 1.5, a probability is between 0 and 1}}
  %y = graph.random_bernoulli %key {type = tensor<4xi1>, p = 1.5 : f64} : tensor<i64>
  return
}

// -----

func.func @random_bernoulli_c4_nan(%key: tensor<i64>) {
  // expected-error@+1 {{G2001 attribute p: 'p' is nan, a probability is between 0 and 1}}
  %y = graph.random_bernoulli %key {type = tensor<4xi1>, p = 0x7FF8000000000000 : f64} : tensor<i64>
  return
}
