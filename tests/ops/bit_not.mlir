// bit_not: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xi32>) -> tensor<4x8xi32> {
  // CHECK: graph.bit_not
  %y = graph.bit_not %x : tensor<4x8xi32>
  return %y : tensor<4x8xi32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xi32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>) {
  // CHECK: graph.bit_not
  %y = graph.bit_not %x : tensor<?x8xi32, #graph.shape<()[s0] -> (s0, 8), <"B", 1, 64, 1>>>
  return
}

// -----

func.func @bit_not_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{G4002 operand 0: 'bit_not' is not defined for f32, it takes i8, i16, i32, i64, u8, u16, u32, u64}}
  %y = graph.bit_not %x : tensor<4xf32>
  return
}
