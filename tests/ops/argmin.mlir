// argmin: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4xi32> {
  // CHECK: graph.argmin
  %y = graph.argmin %x : tensor<4x8xf32>
  return %y : tensor<4xi32>
}

// -----

// CHECK-LABEL: @kept
func.func @kept(%x: tensor<4x8xui8>) -> tensor<1x8xi64> {
  // CHECK: graph.argmin
  %y = graph.argmin %x {axis = 0 : i64, keep_dims = true, dtype = i64, select_last = true} : tensor<4x8xui8>
  return %y : tensor<1x8xi64>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>) -> tensor<8xi32> {
  // CHECK: graph.argmin
  %y = graph.argmin %x {axis = 0 : i64} : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
  return %y : tensor<8xi32>
}

// -----

func.func @argmin_c1(%x: tensor<4x8xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis -3 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.argmin %x {axis = -3 : i64} : tensor<4x8xf32>
  return
}

// -----

func.func @argmin_c2(%x: tensor<4x0xf32>) {
  // expected-error@+1 {{G3016 operand 0, attribute axis: 'argmin' needs at least one element, axis 1 of [4, 0] is empty}}
  %y = graph.argmin %x : tensor<4x0xf32>
  return
}

// -----

func.func @argmin_c3(%x: tensor<4xi1>) {
  // expected-error@+1 {{G4002 operand 0: 'argmin' is not defined for bool, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64}}
  %y = graph.argmin %x : tensor<4xi1>
  return
}

// -----

func.func @argmin_c4(%x: tensor<4xf32>) {
  // expected-error@+1 {{G4002 attribute dtype: positions cannot be f32, they can be i32 or i64}}
  %y = graph.argmin %x {dtype = f32} : tensor<4xf32>
  return
}

// -----

func.func @argmin_c5(%x: tensor<4294967296xf32>) {
  // expected-error@+1 {{G4005 attribute axis, operand 0: positions along an axis of size 4294967296 do not fit i32, set 'dtype' to i64}}
  %y = graph.argmin %x : tensor<4294967296xf32>
  return
}
