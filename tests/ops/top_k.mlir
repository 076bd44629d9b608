// top_k: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf16>) -> (tensor<3x8xf16>, tensor<3x8xi32>) {
  // CHECK: graph.top_k
  %values, %indices = graph.top_k %x {k = 3 : i64, axis = 0 : i64} : tensor<4x8xf16>
  return %values, %indices : tensor<3x8xf16>, tensor<3x8xi32>
}

// -----

func.func @top_k_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 1 is outside 'x' of rank 1 (valid: -1..0)}}
  %y:2 = graph.top_k %x {k = 1 : i64, axis = 1 : i64} : tensor<4xf32>
  return
}

// -----

func.func @top_k_c2(%x: tensor<4xi1>) {
  // expected-error@+1 {{G4002 operand 0: 'top_k' is not defined for bool, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64}}
  %y:2 = graph.top_k %x {k = 1 : i64} : tensor<4xi1>
  return
}

// -----

func.func @top_k_c3(%x: tensor<4x8xf32>) {
  // expected-error@+1 {{G2001 attribute k, operand 0: 'k' is 9, axis 1 of [4, 8] has 8 elements}}
  %y:2 = graph.top_k %x {k = 9 : i64} : tensor<4x8xf32>
  return
}

// -----

func.func @top_k_c3_named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>) {
  // expected-error@+1 {{G2001 attribute k, operand 0: 'k' is 2, axis 0 of [B, 8] has at least 1 elements}}
  %y:2 = graph.top_k %x {k = 2 : i64, axis = 0 : i64} : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
  return
}

// -----

func.func @top_k_c4(%x: tensor<4294967296xf32>) {
  // expected-error@+1 {{G4005 attribute axis, operand 0: positions along an axis of size 4294967296 do not fit i32}}
  %y:2 = graph.top_k %x {k = 1 : i64} : tensor<4294967296xf32>
  return
}
