// dequantize: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xi8>, %s: tensor<f32>) -> tensor<4x8xf32> {
  // CHECK: graph.dequantize
  %y = graph.dequantize %x, %s : tensor<4x8xi8>, tensor<f32>
  return %y : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: @other
func.func @other(%x: tensor<4x8xi8>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<4x8xf16> {
  // CHECK: graph.dequantize
  %y = graph.dequantize %x, %s, %z {dtype = f16} : tensor<4x8xi8>, tensor<f32>, tensor<i8>
  return %y : tensor<4x8xf16>
}

// -----

func.func @dequantize_c1(%x: tensor<4xf32>, %s: tensor<f32>) {
  // expected-error@+1 {{G4002 operand 0: 'dequantize' is not defined for f32, it takes i8, i16, i32, u8, u16}}
  %y = graph.dequantize %x, %s : tensor<4xf32>, tensor<f32>
  return
}

// -----

func.func @dequantize_c2(%x: tensor<4xi8>, %s: tensor<i8>) {
  // expected-error@+1 {{G4002 operand 1: 'dequantize' is not defined for i8, it takes f32, f64, f16, bf16}}
  %y = graph.dequantize %x, %s : tensor<4xi8>, tensor<i8>
  return
}

// -----

func.func @dequantize_c3(%x: tensor<4x8xi8>, %s: tensor<f32>) {
  // expected-error@+1 {{G4002 attribute dtype: 'dequantize' cannot make i8, it can make f32, f64, f16 and bf16}}
  %y = graph.dequantize %x, %s {dtype = i8} : tensor<4x8xi8>, tensor<f32>
  return
}

// -----

func.func @dequantize_c4(%x: tensor<4x8xi8>, %s: tensor<f32>, %z: tensor<ui8>) {
  // expected-error@+1 {{G4001 operand 2, operand 0: 'zero' must have the dtype of 'x', i8, it is u8}}
  %y = graph.dequantize %x, %s, %z : tensor<4x8xi8>, tensor<f32>, tensor<ui8>
  return
}

// -----

func.func @dequantize_c5(%x: tensor<4x8xi8>, %s: tensor<8xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.dequantize %x, %s {axis = 2 : i64} : tensor<4x8xi8>, tensor<8xf32>
  return
}

// -----

func.func @dequantize_c6(%x: tensor<4x8xi8>, %s: tensor<8xf32>) {
  // expected-error@+1 {{G3008 operand 1, operand 0: 'scale' must be a scalar, as there is no 'axis', it is [8]}}
  %y = graph.dequantize %x, %s : tensor<4x8xi8>, tensor<8xf32>
  return
}
