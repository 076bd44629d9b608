// exp: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.exp
  %y = graph.exp %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>) {
  // CHECK: graph.exp
  %y = graph.exp %x : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>
  return
}

// -----

func.func @exp_c1(%x: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'exp' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.exp %x : tensor<4xi32>
  return
}

// -----

func.func @exp_c2(%x: tensor<?xf32>) {
  // expected-error@+1 {{G0014 operand 0: a size is neither a number nor a named dim}}
  %y = graph.exp %x : tensor<?xf32>
  return
}

// -----

func.func @exp_c2_rank(%x: tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) {
  // expected-error@+1 {{G3008 operand 0: a tensor has at most 16 axes, this one has 17}}
  %y = graph.exp %x : tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>
  return
}
