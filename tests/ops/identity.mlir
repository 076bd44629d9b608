// identity: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.identity
  %y = graph.identity %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @identity_c1(%x: tensor<4xi128>) {
  // expected-error@+1 {{G4002 operand 0: 'identity' is not defined for i128, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool}}
  %y = graph.identity %x : tensor<4xi128>
  return
}
