// is_finite: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xi1> {
  // CHECK: graph.is_finite
  %y = graph.is_finite %x : tensor<4x8xf32>
  return %y : tensor<4x8xi1>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>) {
  // CHECK: graph.is_finite
  %y = graph.is_finite %x : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>
  return
}

// -----

func.func @is_finite_c1(%x: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'is_finite' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.is_finite %x : tensor<4xi32>
  return
}
