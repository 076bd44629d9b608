// conv_transpose: shapes and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @plain
func.func @plain(%a: tensor<1x4x5x3xf32>, %b: tensor<2x2x3x6xf32>) -> tensor<1x8x10x6xf32> {
  // CHECK: graph.conv_transpose
  %y = graph.conv_transpose %a, %b {stride = array<i64: 2>} : tensor<1x4x5x3xf32>, tensor<2x2x3x6xf32>
  return %y : tensor<1x8x10x6xf32>
}

// -----

// CHECK-LABEL: @same
func.func @same(%a: tensor<1x4x5x3xf32>, %b: tensor<3x3x3x6xf32>) -> tensor<1x8x10x6xf32> {
  // CHECK: graph.conv_transpose
  %y = graph.conv_transpose %a, %b {stride = array<i64: 2>, padding = "same"} : tensor<1x4x5x3xf32>, tensor<3x3x3x6xf32>
  return %y : tensor<1x8x10x6xf32>
}

// -----

// CHECK-LABEL: @extra
func.func @extra(%a: tensor<1x4x5x4xf32>, %b: tensor<3x3x4x6xf32>) -> tensor<1x8x10x12xf32> {
  // CHECK: graph.conv_transpose
  %y = graph.conv_transpose %a, %b {stride = array<i64: 2>, padding = array<i64: 1>, output_padding = array<i64: 1>, groups = 2 : i64} : tensor<1x4x5x4xf32>, tensor<3x3x4x6xf32>
  return %y : tensor<1x8x10x12xf32>
}

// -----

func.func @conv_transpose_c1(%a: tensor<8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G3008 operand 0: 'conv_transpose' takes images of 3 to 5 axes (batch, channels and 1 to 3 spatial ones), 'x' has 2}}
  %y = graph.conv_transpose %a, %b : tensor<8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_transpose_c2(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x5xf32>) {
  // expected-error@+1 {{G3008 operand 1, operand 0: 'weight' has 3 axes, for 'x' of 4 axes it needs as many: the kernel's, channels and filters}}
  %y = graph.conv_transpose %a, %b : tensor<1x8x8x3xf32>, tensor<3x3x5xf32>
  return
}

// -----

func.func @conv_transpose_c3(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x4x5xf32>) {
  // expected-error@+1 {{G3003 operand 1, operand 0: 'x' has 3 channels, 'weight' expects 4 (layout 'nhwc')}}
  %y = graph.conv_transpose %a, %b : tensor<1x8x8x3xf32>, tensor<3x3x4x5xf32>
  return
}

// -----

func.func @conv_transpose_c3_groups(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G3003 attribute groups, operand 1: 2 groups do not divide 3 channels}}
  %y = graph.conv_transpose %a, %b {groups = 2 : i64} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_transpose_c4(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G2001 attribute output_padding: 'output_padding' must be at least 0 and below 2^31, it is -1}}
  %y = graph.conv_transpose %a, %b {output_padding = array<i64: -1>} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_transpose_c5(%a: tensor<1x1x1x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G3004 attribute padding, operand 0: padding 2 and 2 takes away more than spatial axis 0 of size 1 gives, 3}}
  %y = graph.conv_transpose %a, %b {padding = array<i64: 2>} : tensor<1x1x1x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_transpose_c6(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf64>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'conv_transpose' combines f32 and f64, its operands must have one dtype}}
  %y = graph.conv_transpose %a, %b : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf64>
  return
}

// -----

func.func @conv_transpose_c7(%a: tensor<1x100000x100000x1xf32>, %b: tensor<1x1x1x10000xf32>) {
  // expected-error@+1 {{G3011 operand 0, operand 1: [1, 100000, 100000, 10000] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.conv_transpose %a, %b : tensor<1x100000x100000x1xf32>, tensor<1x1x1x10000xf32>
  return
}
