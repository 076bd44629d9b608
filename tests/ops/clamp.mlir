// clamp: broadcasting and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @broadcast
func.func @broadcast(%x: tensor<4x8xf32>, %low: tensor<f32>, %high: tensor<2x1x8xf32>) -> tensor<2x4x8xf32> {
  // CHECK: graph.clamp
  %y = graph.clamp %x, %low, %high : tensor<4x8xf32>, tensor<f32>, tensor<2x1x8xf32>
  return %y : tensor<2x4x8xf32>
}

// -----

func.func @clamp_c1(%x: tensor<4xf32>, %low: tensor<f32>, %high: tensor<3xf32>) {
  // expected-error@+1 {{G3001 operand 2, operand 0: cannot combine [4] with [3]: axis 0 is 4 and 3}}
  %y = graph.clamp %x, %low, %high : tensor<4xf32>, tensor<f32>, tensor<3xf32>
  return
}

// -----

func.func @clamp_c2(%x: tensor<4xf32>, %low: tensor<f64>, %high: tensor<f32>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'clamp' combines f32 and f64, its operands must have one dtype}}
  %y = graph.clamp %x, %low, %high : tensor<4xf32>, tensor<f64>, tensor<f32>
  return
}

// -----

func.func @clamp_c3(%x: tensor<4xi1>, %low: tensor<i1>, %high: tensor<i1>) {
  // expected-error@+1 {{G4002 operand 0: 'clamp' is not defined for bool, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64}}
  %y = graph.clamp %x, %low, %high : tensor<4xi1>, tensor<i1>, tensor<i1>
  return
}
