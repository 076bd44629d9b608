// hard_tanh: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.hard_tanh
  %y = graph.hard_tanh %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>) {
  // CHECK: graph.hard_tanh
  %y = graph.hard_tanh %x : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>
  return
}

// -----

func.func @hard_tanh_c1(%x: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'hard_tanh' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.hard_tanh %x : tensor<4xi32>
  return
}

// -----

func.func @hard_tanh_c2(%x: tensor<4xf32>) {
  // expected-error@+1 {{G2001 attribute low, attribute high: 'low' of 'hard_tanh' is greater than 'high', it can be at most 'high'}}
  %y = graph.hard_tanh %x {low = 2.0 : f64} : tensor<4xf32>
  return
}
