// update_slice: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %u: tensor<1x6xf32>, %s: tensor<2xi32>) -> tensor<4x6xf32> {
  // CHECK: graph.update_slice
  %y = graph.update_slice %x, %u, %s : tensor<4x6xf32>, tensor<1x6xf32>, tensor<2xi32>
  return %y : tensor<4x6xf32>
}

// CHECK-LABEL: @along_one_axis
func.func @along_one_axis(%x: tensor<4x6xf32>, %u: tensor<4x1xf32>, %s: tensor<i32>) -> tensor<4x6xf32> {
  // CHECK: graph.update_slice {{.*}} {axis = array<i64: 1>}
  %y = graph.update_slice %x, %u, %s {axis = array<i64: 1>} : tensor<4x6xf32>, tensor<4x1xf32>, tensor<i32>
  return %y : tensor<4x6xf32>
}

// -----

func.func @update_slice_c1(%x: tensor<4x6xf32>, %u: tensor<6xf32>, %s: tensor<2xi32>) {
  // expected-error@+1 {{G3018 operand 1, operand 0: 'update' is [6] and must lie in 'x', which is [4, 6]}}
  %y = graph.update_slice %x, %u, %s : tensor<4x6xf32>, tensor<6xf32>, tensor<2xi32>
  return
}

// -----

func.func @update_slice_c2(%x: tensor<4x6xf32>, %u: tensor<1x6xf32>, %s: tensor<3xi32>) {
  // expected-error@+1 {{G3018 operand 2, operand 0: 'start' is [3], it must be [2]: one position for each axis of 'x'}}
  %y = graph.update_slice %x, %u, %s : tensor<4x6xf32>, tensor<1x6xf32>, tensor<3xi32>
  return
}

// -----

func.func @update_slice_c3(%x: tensor<4x6xf32>, %u: tensor<5x6xf32>, %s: tensor<2xi32>) {
  // expected-error@+1 {{G3018 operand 1, operand 0: 'update' is [5, 6] and must lie in 'x', which is [4, 6]}}
  %y = graph.update_slice %x, %u, %s : tensor<4x6xf32>, tensor<5x6xf32>, tensor<2xi32>
  return
}

// -----

func.func @update_slice_c2_of_axis(%x: tensor<4x6xf32>, %u: tensor<1x6xf32>, %s: tensor<2xi32>) {
  // expected-error@+1 {{G3018 operand 2, operand 0: 'start' is [2], it must be [1]: one position for each of 'axis'}}
  %y = graph.update_slice %x, %u, %s {axis = array<i64: 0>} : tensor<4x6xf32>, tensor<1x6xf32>, tensor<2xi32>
  return
}

// -----

func.func @update_slice_c4(%x: tensor<4x6xf32>, %u: tensor<1x6xf32>, %s: tensor<i32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: }}
  %y = graph.update_slice %x, %u, %s {axis = array<i64: 2>} : tensor<4x6xf32>, tensor<1x6xf32>, tensor<i32>
  return
}

// -----

func.func @update_slice_c5(%x: tensor<4x6xf32>, %u: tensor<1x6xf32>, %s: tensor<2xi32>) {
  // expected-error@+1 {{G2006 attribute axis: }}
  %y = graph.update_slice %x, %u, %s {axis = array<i64: 0, -2>} : tensor<4x6xf32>, tensor<1x6xf32>, tensor<2xi32>
  return
}
