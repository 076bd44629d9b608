// einsum: shapes and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @product
func.func @product(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<4x2xf32> {
  // CHECK: graph.einsum
  %y = graph.einsum %a, %b {equation = "ij,jk->ki"} : tensor<2x3xf32>, tensor<3x4xf32>
  return %y : tensor<4x2xf32>
}

// -----

// CHECK-LABEL: @implied
func.func @implied(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<4x2xf32> {
  // CHECK: graph.einsum
  %y = graph.einsum %a, %b {equation = "zj,ja"} : tensor<2x3xf32>, tensor<3x4xf32>
  return %y : tensor<4x2xf32>
}

// -----

// CHECK-LABEL: @ellipsis
func.func @ellipsis(%a: tensor<5x1x2x3xf32>, %b: tensor<7x3x4xf32>) -> tensor<5x7x2x4xf32> {
  // CHECK: graph.einsum
  %y = graph.einsum %a, %b {equation = "...ij,...jk->...ik"} : tensor<5x1x2x3xf32>, tensor<7x3x4xf32>
  return %y : tensor<5x7x2x4xf32>
}

// -----

func.func @einsum_c1_parts(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{G2010 attribute equation: the equation names 2 operands, there are 1}}
  %y = graph.einsum %a {equation = "ij,jk"} : tensor<2x3xf32>
  return
}

// -----

func.func @einsum_c1_axes(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{G2010 attribute equation, operand 0: the equation names 3 axes of operand 1, it has 2}}
  %y = graph.einsum %a {equation = "ijk"} : tensor<2x3xf32>
  return
}

// -----

func.func @einsum_c1_character(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{G2010 attribute equation: an equation is made of letters, '...', ',' and '->', at position 2 of a part stands something else}}
  %y = graph.einsum %a {equation = "i1"} : tensor<2x3xf32>
  return
}

// -----

func.func @einsum_c1_twice(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{G2010 attribute equation: '...' stands twice in one part of the equation}}
  %y = graph.einsum %a {equation = "...i..."} : tensor<2x3xf32>
  return
}

// -----

func.func @einsum_c2(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{G2010 attribute equation: 'k' of the result stands in no operand}}
  %y = graph.einsum %a {equation = "ij->k"} : tensor<2x3xf32>
  return
}

// -----

func.func @einsum_c2_twice(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{G2010 attribute equation: 'i' stands twice in the result}}
  %y = graph.einsum %a {equation = "ij->ii"} : tensor<2x3xf32>
  return
}

// -----

func.func @einsum_c3(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>) {
  // expected-error@+1 {{G3020 operand 1, operand 0, attribute equation: 'j' is 3 in operand 1 and 4 in operand 2}}
  %y = graph.einsum %a, %b {equation = "ij,jk->ik"} : tensor<2x3xf32>, tensor<4x5xf32>
  return
}

// -----

func.func @einsum_c4(%a: tensor<2x3xf32>, %b: tensor<3x5xf64>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'einsum' combines f32 and f64, its operands must have one dtype}}
  %y = graph.einsum %a, %b {equation = "ij,jk->ik"} : tensor<2x3xf32>, tensor<3x5xf64>
  return
}

// -----

func.func @einsum_c5(%a: tensor<10000000xf32>, %b: tensor<10000000xf32>) {
  // expected-error@+1 {{G3011 attribute equation: [10000000, 10000000] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.einsum %a, %b {equation = "i,j"} : tensor<10000000xf32>, tensor<10000000xf32>
  return
}
