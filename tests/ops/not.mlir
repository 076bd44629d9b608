// not: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xi1>) -> tensor<4x8xi1> {
  // CHECK: graph.not
  %y = graph.not %x : tensor<4x8xi1>
  return %y : tensor<4x8xi1>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xi1, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>) {
  // CHECK: graph.not
  %y = graph.not %x : tensor<?x8xi1, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>
  return
}

// -----

func.func @not_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{G4002 operand 0: 'not' is not defined for f32, it takes bool}}
  %y = graph.not %x : tensor<4xf32>
  return
}
