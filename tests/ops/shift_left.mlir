// shift_left: broadcasting and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @broadcast
func.func @broadcast(%a: tensor<2x1x8xi32>, %b: tensor<3x1xi32>) -> tensor<2x3x8xi32> {
  // CHECK: graph.shift_left
  %y = graph.shift_left %a, %b : tensor<2x1x8xi32>, tensor<3x1xi32>
  return %y : tensor<2x3x8xi32>
}

// -----

func.func @shift_left_c1(%a: tensor<32x10xi32>, %b: tensor<32x12xi32>) {
  // expected-error@+1 {{G3001 operand 1, operand 0: cannot combine [32, 10] with [32, 12]: axis 1 is 10 and 12}}
  %y = graph.shift_left %a, %b : tensor<32x10xi32>, tensor<32x12xi32>
  return
}

// -----

func.func @shift_left_c2(%a: tensor<4xi32>, %b: tensor<4xi64>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'shift_left' combines i32 and i64, its operands must have one dtype}}
  %y = graph.shift_left %a, %b : tensor<4xi32>, tensor<4xi64>
  return
}

// -----

func.func @shift_left_c3(%a: tensor<4xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{G4002 operand 0: 'shift_left' is not defined for f32, it takes i8, i16, i32, i64, u8, u16, u32, u64}}
  %y = graph.shift_left %a, %b : tensor<4xf32>, tensor<4xf32>
  return
}
