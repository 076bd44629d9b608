// stop_gradient: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.stop_gradient
  %y = graph.stop_gradient %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>) {
  // CHECK: graph.stop_gradient
  %y = graph.stop_gradient %x : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>
  return
}

// -----

func.func @stop_gradient_c1(%x: tensor<4xi128>) {
  // expected-error@+1 {{G4002 operand 0: 'stop_gradient' is not defined for i128, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool}}
  %y = graph.stop_gradient %x : tensor<4xi128>
  return
}
