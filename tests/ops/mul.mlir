// mul: broadcasting and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @broadcast
func.func @broadcast(%a: tensor<2x1x8xf32>, %b: tensor<3x1xf32>) -> tensor<2x3x8xf32> {
  // CHECK: graph.mul
  %y = graph.mul %a, %b : tensor<2x1x8xf32>, tensor<3x1xf32>
  return %y : tensor<2x3x8xf32>
}

// -----

func.func @mul_c1(%a: tensor<32x10xf32>, %b: tensor<32x12xf32>) {
  // expected-error@+1 {{G3001 operand 1, operand 0: cannot combine [32, 10] with [32, 12]: axis 1 is 10 and 12}}
  %y = graph.mul %a, %b : tensor<32x10xf32>, tensor<32x12xf32>
  return
}

// -----

func.func @mul_c1_ranks(%a: tensor<2x3xf32>, %b: tensor<2xf32>) {
  // expected-error@+1 {{G3001 operand 1, operand 0: cannot combine [2, 3] with [2]: axis -1 is 3 and 2}}
  %y = graph.mul %a, %b : tensor<2x3xf32>, tensor<2xf32>
  return
}

// -----

func.func @mul_c2(%a: tensor<4xf32>, %b: tensor<4xi64>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'mul' combines f32 and i64, its operands must have one dtype}}
  %y = graph.mul %a, %b : tensor<4xf32>, tensor<4xi64>
  return
}

// -----

func.func @mul_c3(%a: tensor<4xi1>, %b: tensor<4xi1>) {
  // expected-error@+1 {{G4002 operand 0: 'mul' is not defined for bool, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64}}
  %y = graph.mul %a, %b : tensor<4xi1>, tensor<4xi1>
  return
}
