// conv: shapes and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @valid
func.func @valid(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) -> tensor<1x6x6x5xf32> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return %y : tensor<1x6x6x5xf32>
}

// -----

// CHECK-LABEL: @same
func.func @same(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) -> tensor<1x3x3x5xf32> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b {padding = "same", stride = array<i64: 3>} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return %y : tensor<1x3x3x5xf32>
}

// -----

// CHECK-LABEL: @pairs
func.func @pairs(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) -> tensor<1x7x11x5xf32> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b {padding = array<i64: 1, 0, 2, 3>} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return %y : tensor<1x7x11x5xf32>
}

// -----

// CHECK-LABEL: @channels_first
func.func @channels_first(%a: tensor<1x3x8x8xf32>, %b: tensor<3x3x3x5xf32>) -> tensor<1x5x6x6xf32> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b {layout = "nchw"} : tensor<1x3x8x8xf32>, tensor<3x3x3x5xf32>
  return %y : tensor<1x5x6x6xf32>
}

// -----

// CHECK-LABEL: @grouped
func.func @grouped(%a: tensor<1x8x8x6xf32>, %b: tensor<3x3x3x4xf32>) -> tensor<1x6x6x4xf32> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b {groups = 2 : i64} : tensor<1x8x8x6xf32>, tensor<3x3x3x4xf32>
  return %y : tensor<1x6x6x4xf32>
}

// -----

// CHECK-LABEL: @bytes
func.func @bytes(%a: tensor<1x8x8x3xi8>, %b: tensor<3x3x3x5xi8>) -> tensor<1x6x6x5xi32> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b : tensor<1x8x8x3xi8>, tensor<3x3x3x5xi8>
  return %y : tensor<1x6x6x5xi32>
}

// -----

// CHECK-LABEL: @named_batch
func.func @named_batch(%a: tensor<?x8x8x3xf32, #graph.shape<()[s0] -> (s0, 8, 8, 3), #graph.dim<"B", 1, 512, 1>>>, %b: tensor<3x3x3x5xf32>) -> tensor<?x6x6x5xf32, #graph.shape<()[s0] -> (s0, 6, 6, 5), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b : tensor<?x8x8x3xf32, #graph.shape<()[s0] -> (s0, 8, 8, 3), #graph.dim<"B", 1, 512, 1>>>, tensor<3x3x3x5xf32>
  return %y : tensor<?x6x6x5xf32, #graph.shape<()[s0] -> (s0, 6, 6, 5), #graph.dim<"B", 1, 512, 1>>>
}

// -----

// CHECK-LABEL: @named_same
func.func @named_same(%a: tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0 * 2, 3), #graph.dim<"T", 2, 512, 2>>>, %b: tensor<3x3x5xf32>) -> tensor<1x?x5xf32, #graph.shape<()[s0] -> (1, s0, 5), #graph.dim<"T", 2, 512, 2>>> {
  // CHECK: graph.conv
  %y = graph.conv %a, %b {padding = "same", stride = array<i64: 2>} : tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0 * 2, 3), #graph.dim<"T", 2, 512, 2>>>, tensor<3x3x5xf32>
  return %y : tensor<1x?x5xf32, #graph.shape<()[s0] -> (1, s0, 5), #graph.dim<"T", 2, 512, 2>>>
}

// -----

func.func @conv_c1(%a: tensor<8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G3008 operand 0: 'conv' takes images of 3 to 5 axes (batch, channels and 1 to 3 spatial ones), 'x' has 2}}
  %y = graph.conv %a, %b : tensor<8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c1_layout(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G2003 attribute layout: 'layout' must be 'nhwc' or 'nchw'}}
  %y = graph.conv %a, %b {layout = "chwn"} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c2(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x5xf32>) {
  // expected-error@+1 {{G3008 operand 1, operand 0: 'weight' has 3 axes, for 'x' of 4 axes it needs as many: the kernel's, channels and filters}}
  %y = graph.conv %a, %b : tensor<1x8x8x3xf32>, tensor<3x3x5xf32>
  return
}

// -----

func.func @conv_c2_empty(%a: tensor<1x8x8x3xf32>, %b: tensor<3x0x3x5xf32>) {
  // expected-error@+1 {{G3004 operand 1: the kernel must be numbers of at least 1, it has 0}}
  %y = graph.conv %a, %b : tensor<1x8x8x3xf32>, tensor<3x0x3x5xf32>
  return
}

// -----

func.func @conv_c3(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x4x5xf32>) {
  // expected-error@+1 {{G3003 operand 1, operand 0: 'x' has 3 channels, 'weight' expects 4 (layout 'nhwc')}}
  %y = graph.conv %a, %b : tensor<1x8x8x3xf32>, tensor<3x3x4x5xf32>
  return
}

// -----

func.func @conv_c3_groups(%a: tensor<1x8x8x6xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G3003 attribute groups, operand 1: 2 groups do not divide 5 filters}}
  %y = graph.conv %a, %b {groups = 2 : i64} : tensor<1x8x8x6xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c3_no_groups(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G2001 attribute groups: 'groups' must be at least 1 and below 2^31, it is 0}}
  %y = graph.conv %a, %b {groups = 0 : i64} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c4(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G2001 attribute stride: 'stride' must be at least 1 and below 2^31, it is 0}}
  %y = graph.conv %a, %b {stride = array<i64: 0>} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c4_count(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G2002 attribute dilation: 'dilation' has 3 entries, it needs one, or one for each of 2 spatial axes}}
  %y = graph.conv %a, %b {dilation = array<i64: 1, 1, 1>} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c4_padding(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G2002 attribute padding: 'padding' has 3 numbers, it needs one, or one or a pair for each of 2 spatial axes}}
  %y = graph.conv %a, %b {padding = array<i64: 1, 1, 1>} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c4_word(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf32>) {
  // expected-error@+1 {{G2003 attribute padding: 'padding' must be 'valid', 'same', 'same_lower', integers or pairs of integers}}
  %y = graph.conv %a, %b {padding = "sam"} : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf32>
  return
}

// -----

func.func @conv_c5(%a: tensor<1x5x8x3xf32>, %b: tensor<7x7x3x5xf32>) {
  // expected-error@+1 {{G3004 operand 0, attribute padding: a kernel of 7 does not fit spatial axis 0 of size 5 with padding 0 and 0, it reaches over 7}}
  %y = graph.conv %a, %b : tensor<1x5x8x3xf32>, tensor<7x7x3x5xf32>
  return
}

// -----

func.func @conv_c5_named(%a: tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0, 3), #graph.dim<"T", 1, 512, 1>>>, %b: tensor<3x3x5xf32>) {
  // expected-error@+1 {{G3004 operand 0, attribute padding: a kernel of 3 does not fit spatial axis 0 of size T (at least 1) with padding 0 and 0, it reaches over 3}}
  %y = graph.conv %a, %b : tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0, 3), #graph.dim<"T", 1, 512, 1>>>, tensor<3x3x5xf32>
  return
}

// -----

func.func @conv_c6(%a: tensor<1x8x8x3xf32>, %b: tensor<3x3x3x5xf64>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'conv' combines f32 and f64, its operands must have one dtype}}
  %y = graph.conv %a, %b : tensor<1x8x8x3xf32>, tensor<3x3x3x5xf64>
  return
}

// -----

func.func @conv_c7(%a: tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0, 3), #graph.dim<"T", 1, 512, 1>>>, %b: tensor<3x3x5xf32>) {
  // expected-error@+1 {{G3004 attribute padding, operand 0: 'same' padding of T by windows of 3 at stride 2 depends on the call, give 'T' a 'multiple_of' 2 or the padding as numbers}}
  %y = graph.conv %a, %b {padding = "same", stride = array<i64: 2>} : tensor<1x?x3xf32, #graph.shape<()[s0] -> (1, s0, 3), #graph.dim<"T", 1, 512, 1>>>, tensor<3x3x5xf32>
  return
}

// -----

func.func @conv_c8(%a: tensor<1x100000x100000x1xf32>, %b: tensor<1x1x1x10000xf32>) {
  // expected-error@+1 {{G3011 operand 0, operand 1: [1, 100000, 100000, 10000] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.conv %a, %b : tensor<1x100000x100000x1xf32>, tensor<1x1x1x10000xf32>
  return
}
