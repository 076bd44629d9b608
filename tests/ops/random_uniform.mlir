// random_uniform: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%key: tensor<i64>) -> tensor<4x6xf32> {
  // CHECK: graph.random_uniform
  %y = graph.random_uniform %key {type = tensor<4x6xf32>} : tensor<i64>
  return %y : tensor<4x6xf32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%key: tensor<i64>) -> tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.random_uniform
  %y = graph.random_uniform %key {type = tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>} : tensor<i64>
  return %y : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @random_uniform_c1(%key: tensor<i64>) {
  // expected-error@+1 {{G4002 attribute type: 'random_uniform' draws no i32, it draws f32, f64, f16, bf16}}
  %y = graph.random_uniform %key {type = tensor<4xi32>} : tensor<i64>
  return
}

// -----

func.func @random_uniform_c2(%key: tensor<i64>) {
  // expected-error@+1 {{G0014 attribute type: a size is neither a number nor a named dim}}
  %y = graph.random_uniform %key {type = tensor<?xf32>} : tensor<i64>
  return
}

// -----

func.func @random_uniform_c2_axes(%key: tensor<i64>) {
  // expected-error@+1 {{G3008 attribute type: a tensor has at most 16 axes, this one has 17}}
  %y = graph.random_uniform %key {type = tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>} : tensor<i64>
  return
}

// -----

func.func @random_uniform_c2_memory(%key: tensor<i64>) {
  // expected-error@+1 {{G3011 attribute type: [140737488355328] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.random_uniform %key {type = tensor<140737488355328xf32>} : tensor<i64>
  return
}

// -----

func.func @random_uniform_c3(%key: tensor<i32>) {
  // expected-error@+1 {{G4002 operand 0: a key of random numbers is an i64 scalar, this is i32}}
  %y = graph.random_uniform %key {type = tensor<4xf32>} : tensor<i32>
  return
}

// -----

func.func @random_uniform_c3_vector(%key: tensor<2xi64>) {
  // expected-error@+1 {{G3008 operand 0: a key of random numbers is an i64 scalar}}
  %y = graph.random_uniform %key {type = tensor<4xf32>} : tensor<2xi64>
  return
}

// -----

func.func @random_uniform_c4(%key: tensor<i64>) {
  // expected-error@+1 {{G2001 attribute high, attribute low: no f32 can be drawn with 'low' 0 and 'high' -1, 'low' must be less and both finite}}
  %y = graph.random_uniform %key {type = tensor<4xf32>, high = -1.0 : f64} : tensor<i64>
  return
}

// -----

func.func @random_uniform_c4_rounded(%key: tensor<i64>) {
  // expected-error@+1 {{G2001 attribute high, attribute low: no f16 can be drawn with 'low' 1 and 'high' 1.0001, 'low' must be less and both finite}}
  %y = graph.random_uniform %key {type = tensor<4xf16>, low = 1.0 : f64, high = 1.0001 : f64} : tensor<i64>
  return
}

// -----

func.func @random_uniform_c4_infinite(%key: tensor<i64>) {
  // expected-error@+1 {{G2001 attribute high, attribute low: no f64 can be drawn with 'low' -1.7e+308 and 'high' 1.7e+308, 'low' must be less and both finite}}
  %y = graph.random_uniform %key {type = tensor<4xf64>, low = -1.7e308 : f64, high = 1.7e308 : f64} : tensor<i64>
  return
}

// -----

func.func @random_uniform_c4_nan(%key: tensor<i64>) {
  // expected-error@+1 {{G2001 attribute high, attribute low: no f32 can be drawn with 'low' 0 and 'high' nan, 'low' must be less and both finite}}
  %y = graph.random_uniform %key {type = tensor<4xf32>, high = 0x7FF8000000000000 : f64} : tensor<i64>
  return
}
