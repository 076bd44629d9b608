// matmul: shapes and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @matrix
func.func @matrix(%a: tensor<32x64xf32>, %b: tensor<64x128xf32>) -> tensor<32x128xf32> {
  // CHECK: graph.matmul
  %y = graph.matmul %a, %b : tensor<32x64xf32>, tensor<64x128xf32>
  return %y : tensor<32x128xf32>
}

// -----

// CHECK-LABEL: @vector
func.func @vector(%a: tensor<64xf32>, %b: tensor<64x128xf32>) -> tensor<128xf32> {
  // CHECK: graph.matmul
  %y = graph.matmul %a, %b : tensor<64xf32>, tensor<64x128xf32>
  return %y : tensor<128xf32>
}

// -----

// CHECK-LABEL: @leading
func.func @leading(%a: tensor<2x3x4x5xf32>, %b: tensor<5x6xf32>) -> tensor<2x3x4x6xf32> {
  // CHECK: graph.matmul
  %y = graph.matmul %a, %b : tensor<2x3x4x5xf32>, tensor<5x6xf32>
  return %y : tensor<2x3x4x6xf32>
}

// -----

// CHECK-LABEL: @batches
func.func @batches(%a: tensor<2x1x4x5xf32>, %b: tensor<3x5x6xf32>) -> tensor<2x3x4x6xf32> {
  // CHECK: graph.matmul
  %y = graph.matmul %a, %b : tensor<2x1x4x5xf32>, tensor<3x5x6xf32>
  return %y : tensor<2x3x4x6xf32>
}

// -----

// CHECK-LABEL: @no_terms
func.func @no_terms(%a: tensor<4x0xf32>, %b: tensor<0x6xf32>) -> tensor<4x6xf32> {
  // CHECK: graph.matmul
  %y = graph.matmul %a, %b : tensor<4x0xf32>, tensor<0x6xf32>
  return %y : tensor<4x6xf32>
}

// -----

func.func @matmul_c1(%a: tensor<f32>, %b: tensor<5x6xf32>) {
  // expected-error@+1 {{G3008 operand 0: 'matmul' needs a matrix or a vector, 'a' is a scalar}}
  %y = graph.matmul %a, %b : tensor<f32>, tensor<5x6xf32>
  return
}

// -----

func.func @matmul_c1_b(%a: tensor<4x5xf32>, %b: tensor<5xf32>) {
  // expected-error@+1 {{G3008 operand 1: 'matmul' needs a matrix 'b', it has only one axis}}
  %y = graph.matmul %a, %b : tensor<4x5xf32>, tensor<5xf32>
  return
}

// -----

func.func @matmul_c2(%a: tensor<32x512xf32>, %b: tensor<256x10xf32>) {
  // expected-error@+1 {{G3002 operand 1, operand 0: inner dimensions differ: 'a' has 512 columns and 'b' has 256 rows}}
  %y = graph.matmul %a, %b : tensor<32x512xf32>, tensor<256x10xf32>
  return
}

// -----

func.func @matmul_c3(%a: tensor<2x4x5xf32>, %b: tensor<3x5x6xf32>) {
  // expected-error@+1 {{G3001 operand 1, operand 0: cannot combine [2] with [3]: axis 0 is 2 and 3}}
  %y = graph.matmul %a, %b : tensor<2x4x5xf32>, tensor<3x5x6xf32>
  return
}

// -----

func.func @matmul_c4(%a: tensor<4x5xi1>, %b: tensor<5x6xi1>) {
  // expected-error@+1 {{G4002 operand 0: 'matmul' is not defined for bool, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64}}
  %y = graph.matmul %a, %b : tensor<4x5xi1>, tensor<5x6xi1>
  return
}

// -----

func.func @matmul_c5(%a: tensor<5xf32>, %b: tensor<5x6xf32>) {
  // expected-error@+1 {{G3008 operand 0, attribute transpose_a: 'transpose_a' needs a matrix 'a', it has only one axis}}
  %y = graph.matmul %a, %b {transpose_a = true} : tensor<5xf32>, tensor<5x6xf32>
  return
}

// -----

func.func @matmul_c7(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) {
  // expected-error@+1 {{G4002 attribute accumulate, operand 0: 'matmul' of f32 makes its sums in f32, not in i32}}
  %y = graph.matmul %a, %b {accumulate = i32} : tensor<4x5xf32>, tensor<5x6xf32>
  return
}

// -----

// CHECK-LABEL: @sums
func.func @sums(%a: tensor<4x5xbf16>, %b: tensor<5x6xbf16>, %c: tensor<4x5xi8>, %d: tensor<5x6xi8>)
    -> (tensor<4x6xf32>, tensor<4x6xi32>) {
  // CHECK: graph.matmul
  %y = graph.matmul %a, %b {accumulate = f32} : tensor<4x5xbf16>, tensor<5x6xbf16>
  %z = graph.matmul %c, %d {accumulate = i32} : tensor<4x5xi8>, tensor<5x6xi8>
  return %y, %z : tensor<4x6xf32>, tensor<4x6xi32>
}

// -----

func.func @matmul_c6(%a: tensor<1073741824x1xf32>, %b: tensor<1x1073741824xf32>) {
  // expected-error@+1 {{G3011 operand 0, operand 1: [1073741824, 1073741824] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.matmul %a, %b : tensor<1073741824x1xf32>, tensor<1x1073741824xf32>
  return
}
