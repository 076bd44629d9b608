// split: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> (tensor<4x2xf32>, tensor<4x4xf32>) {
  // CHECK: graph.split
  %y:2 = graph.split %x {axis = 1 : i64, sizes = array<i64: 2, -1>} : tensor<4x6xf32>
  return %y#0, %y#1 : tensor<4x2xf32>, tensor<4x4xf32>
}

// -----

// CHECK-LABEL: @result_1
func.func @result_1(%x: tensor<4x6xf32>) -> (tensor<2x6xf32>, tensor<2x6xf32>) {
  // CHECK: graph.split
  %y:2 = graph.split %x {axis = 0 : i64, parts = 2 : i64} : tensor<4x6xf32>
  return %y#0, %y#1 : tensor<2x6xf32>, tensor<2x6xf32>
}

// -----

func.func @split_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y:2 = graph.split %x {axis = 2 : i64, parts = 2 : i64} : tensor<4x6xf32>
  return
}

// -----

func.func @split_c2_none(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2005 attribute axis: 'split' needs 'parts', how many results there are, or 'sizes', the size of each}}
  %y:2 = graph.split %x {axis = 1 : i64} : tensor<4x6xf32>
  return
}

// -----

func.func @split_c2_both(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2005 attribute sizes: give either 'parts' or 'sizes', not both}}
  %y:2 = graph.split %x {axis = 1 : i64, parts = 2 : i64, sizes = array<i64: 3, 3>} : tensor<4x6xf32>
  return
}

// -----

func.func @split_c3_range(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute parts: 'parts' is 0, it can be 1 to 4096}}
  %y:2 = graph.split %x {axis = 1 : i64, parts = 0 : i64} : tensor<4x6xf32>
  return
}

// -----

func.func @split_c3(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute parts, operand 0: axis 1 of size 6 has no 4 equal parts, say their sizes by 'sizes'}}
  %y:4 = graph.split %x {axis = 1 : i64, parts = 4 : i64} : tensor<4x6xf32>
  return
}

// -----

func.func @split_c4_empty(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2002 attribute sizes: 'sizes' has 0 entries, 1 to 4096 can be}}
  %y:2 = graph.split %x {axis = 1 : i64, sizes = array<i64>} : tensor<4x6xf32>
  return
}

// -----

func.func @split_c4(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute sizes: a size of 'sizes' is -1, sizes are 0 or more, or one -1}}
  %y:2 = graph.split %x {axis = 1 : i64, sizes = array<i64: -1, -1>} : tensor<4x6xf32>
  return
}

// -----

func.func @split_c5(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G3005 attribute sizes, operand 0: the entries of 'sizes' add up to 5, the axis has size 6}}
  %y:2 = graph.split %x {axis = 1 : i64, sizes = array<i64: 3, 2>} : tensor<4x6xf32>
  return
}
