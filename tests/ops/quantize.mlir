// quantize: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>, %s: tensor<f32>) -> tensor<4x8xi8> {
  // CHECK: graph.quantize
  %y = graph.quantize %x, %s {dtype = i8} : tensor<4x8xf32>, tensor<f32>
  return %y : tensor<4x8xi8>
}

// -----

// CHECK-LABEL: @per_axis
func.func @per_axis(%x: tensor<?x8xf16, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>, %s: tensor<8xf16>, %z: tensor<8xui8>) -> tensor<?x8xui8, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.quantize
  %y = graph.quantize %x, %s, %z {dtype = ui8, axis = -1 : i64} : tensor<?x8xf16, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>, tensor<8xf16>, tensor<8xui8>
  return %y : tensor<?x8xui8, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @quantize_c1(%x: tensor<4xi32>, %s: tensor<f32>) {
  // expected-error@+1 {{G4002 operand 0: 'quantize' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.quantize %x, %s {dtype = i8} : tensor<4xi32>, tensor<f32>
  return
}

// -----

func.func @quantize_c2(%x: tensor<4xf16>, %s: tensor<f32>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'scale' must have the dtype of 'x', f16, it is f32}}
  %y = graph.quantize %x, %s {dtype = i8} : tensor<4xf16>, tensor<f32>
  return
}

// -----

func.func @quantize_c3(%x: tensor<4x8xf32>, %s: tensor<f32>) {
  // expected-error@+1 {{G4002 attribute dtype: 'quantize' cannot make i32, it can make i8, i16, u8 and u16}}
  %y = graph.quantize %x, %s {dtype = i32} : tensor<4x8xf32>, tensor<f32>
  return
}

// -----

func.func @quantize_c4(%x: tensor<4x8xf32>, %s: tensor<f32>, %z: tensor<i8>) {
  // expected-error@+1 {{G4001 operand 2, attribute dtype: 'zero' must have the dtype that 'dtype' says, u8, it is i8}}
  %y = graph.quantize %x, %s, %z {dtype = ui8} : tensor<4x8xf32>, tensor<f32>, tensor<i8>
  return
}

// -----

func.func @quantize_c5(%x: tensor<4x8xf32>, %s: tensor<8xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.quantize %x, %s {dtype = i8, axis = 2 : i64} : tensor<4x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @quantize_c6(%x: tensor<4x8xf32>, %s: tensor<8xf32>) {
  // expected-error@+1 {{G3008 operand 1, operand 0: 'scale' must be a scalar, as there is no 'axis', it is [8]}}
  %y = graph.quantize %x, %s {dtype = i8} : tensor<4x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @quantize_c6_size(%x: tensor<4x8xf32>, %s: tensor<4xf32>) {
  // expected-error@+1 {{G3001 operand 1, operand 0: 'scale' must be of shape [8], one element for each place of 'axis', it is [4]}}
  %y = graph.quantize %x, %s {dtype = i8, axis = 1 : i64} : tensor<4x8xf32>, tensor<4xf32>
  return
}
