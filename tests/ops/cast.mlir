// cast: result type, folding and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xui8> {
  // CHECK: graph.cast
  %y = graph.cast %x {dtype = ui8} : tensor<4x8xf32>
  return %y : tensor<4x8xui8>
}

// -----

func.func @cast_c1(%x: tensor<4xi128>) {
  // expected-error@+1 {{G4002 operand 0: 'cast' is not defined for i128, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool}}
  %y = graph.cast %x {dtype = f32} : tensor<4xi128>
  return
}

// -----

func.func @cast_c2(%x: tensor<4xf32>) {
  // expected-error@+1 {{G4002 attribute dtype: 'cast' is not defined for i128, 'dtype' must be one of f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool}}
  %y = graph.cast %x {dtype = i128} : tensor<4xf32>
  return
}
