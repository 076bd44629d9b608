// avg_pool: shapes and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @plain
func.func @plain(%a: tensor<1x8x9x4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: graph.avg_pool
  %y = graph.avg_pool %a {kernel = array<i64: 2>} : tensor<1x8x9x4xf32>
  return %y : tensor<1x4x4x4xf32>
}

// -----

// CHECK-LABEL: @ceil
func.func @ceil(%a: tensor<1x8x9x4xf32>) -> tensor<1x4x5x4xf32> {
  // CHECK: graph.avg_pool
  %y = graph.avg_pool %a {kernel = array<i64: 2>, ceil_mode = true} : tensor<1x8x9x4xf32>
  return %y : tensor<1x4x5x4xf32>
}

// -----

// CHECK-LABEL: @ceil_begins_outside
func.func @ceil_begins_outside(%a: tensor<1x4x4x4xf32>) -> tensor<1x2x2x4xf32> {
  // CHECK: graph.avg_pool
  %y = graph.avg_pool %a {kernel = array<i64: 1>, stride = array<i64: 3>, padding = array<i64: 0, 2, 0, 2>, ceil_mode = true} : tensor<1x4x4x4xf32>
  return %y : tensor<1x2x2x4xf32>
}

// -----

func.func @avg_pool_c1(%a: tensor<8x3xf32>) {
  // expected-error@+1 {{G3008 operand 0: 'avg_pool' takes images of 3 to 5 axes (batch, channels and 1 to 3 spatial ones), 'x' has 2}}
  %y = graph.avg_pool %a {kernel = array<i64: 2>} : tensor<8x3xf32>
  return
}

// -----

func.func @avg_pool_c2(%a: tensor<1x8x8x3xf32>) {
  // expected-error@+1 {{G2001 attribute kernel: 'kernel' must be at least 1 and below 2^31, it is 0}}
  %y = graph.avg_pool %a {kernel = array<i64: 0>} : tensor<1x8x8x3xf32>
  return
}

// -----

func.func @avg_pool_c3(%a: tensor<1x8x8x3xf32>) {
  // expected-error@+1 {{G3004 operand 0, attribute padding: a kernel of 9 at dilation 2 does not fit spatial axis 0 of size 8 with padding 0 and 0, it reaches over 17}}
  %y = graph.avg_pool %a {kernel = array<i64: 9>, dilation = array<i64: 2>} : tensor<1x8x8x3xf32>
  return
}

// -----

func.func @avg_pool_c4(%a: tensor<1x8x8x3xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'avg_pool' is not defined for i32}}
  %y = graph.avg_pool %a {kernel = array<i64: 2>} : tensor<1x8x8x3xi32>
  return
}

// -----

func.func @avg_pool_c5(%a: tensor<100000x100000x100x1xf32>) {
  // expected-error@+1 {{G3011 operand 0: [100000, 4100000, 4000100, 1] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.avg_pool %a {kernel = array<i64: 1>, padding = array<i64: 2000000>} : tensor<100000x100000x100x1xf32>
  return
}
