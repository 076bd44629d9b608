// resize: shapes and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @size
func.func @size(%a: tensor<2x5x3xf32>) -> tensor<2x7x3xf32> {
  // CHECK: graph.resize
  %y = graph.resize %a {axis = array<i64: 1>, size = array<i64: 7>} : tensor<2x5x3xf32>
  return %y : tensor<2x7x3xf32>
}

// -----

// CHECK-LABEL: @scale
func.func @scale(%a: tensor<2x5x3xf32>) -> tensor<2x2x4xf32> {
  // CHECK: graph.resize
  %y = graph.resize %a {axis = array<i64: -1, 1>, scale = array<f64: 1.5, 0.5>, mode = "cubic"} : tensor<2x5x3xf32>
  return %y : tensor<2x2x4xf32>
}

// -----

func.func @resize_c1(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 3 is outside 'x' of rank 3 (valid: -3..2)}}
  %y = graph.resize %a {axis = array<i64: 3>, size = array<i64: 7>} : tensor<2x5x3xf32>
  return
}

// -----

func.func @resize_c1_twice(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G2006 attribute axis: axis -1 is named twice in 'axis'}}
  %y = graph.resize %a {axis = array<i64: 2, -1>, size = array<i64: 7, 7>} : tensor<2x5x3xf32>
  return
}

// -----

func.func @resize_c2(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G2005 attribute size, attribute scale: 'resize' needs either 'size' or 'scale'}}
  %y = graph.resize %a {axis = array<i64: 1>} : tensor<2x5x3xf32>
  return
}

// -----

func.func @resize_c2_count(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G2002 attribute size, attribute axis: 'size' has 2 entries, for 1 axes}}
  %y = graph.resize %a {axis = array<i64: 1>, size = array<i64: 7, 8>} : tensor<2x5x3xf32>
  return
}

// -----

func.func @resize_c2_size(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G2001 attribute size: 'size' must be at least 1 and below 2^31, it is 0}}
  %y = graph.resize %a {axis = array<i64: 1>, size = array<i64: 0>} : tensor<2x5x3xf32>
  return
}

// -----

func.func @resize_c2_scale(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G2001 attribute scale: 'scale' must be positive and at most 1e9}}
  %y = graph.resize %a {axis = array<i64: 1>, scale = array<f64: -1.0>} : tensor<2x5x3xf32>
  return
}

// -----

func.func @resize_c3(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G2003 attribute mode: 'mode' must be one of 'nearest', 'linear', 'cubic'}}
  %y = graph.resize %a {axis = array<i64: 1>, size = array<i64: 7>, mode = "bilinear"} : tensor<2x5x3xf32>
  return
}

// -----

func.func @resize_c4(%a: tensor<2x0x3xf32>) {
  // expected-error@+1 {{G3016 operand 0, attribute axis: 'resize' needs at least one element, axis 1 of [2, 0, 3] is empty}}
  %y = graph.resize %a {axis = array<i64: 1>, size = array<i64: 7>} : tensor<2x0x3xf32>
  return
}

// -----

func.func @resize_c5(%a: tensor<2x5x3xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'resize' is not defined for i32}}
  %y = graph.resize %a {axis = array<i64: 1>, size = array<i64: 7>, mode = "linear"} : tensor<2x5x3xi32>
  return
}

// -----

func.func @resize_c6(%a: tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0, 3), #graph.dim<"T", 1, 512, 1>>>) {
  // expected-error@+1 {{G2001 attribute scale, operand 0: the scale of T must be a whole number or one over a whole number, because its size is known only at the call}}
  %y = graph.resize %a {axis = array<i64: 1>, scale = array<f64: 1.5>} : tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0, 3), #graph.dim<"T", 1, 512, 1>>>
  return
}

// -----

func.func @resize_c7(%a: tensor<2x5x3xf32>) {
  // expected-error@+1 {{G3011 operand 0: [10000000, 10000000, 3] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.resize %a {axis = array<i64: 0, 1>, size = array<i64: 10000000, 10000000>} : tensor<2x5x3xf32>
  return
}
