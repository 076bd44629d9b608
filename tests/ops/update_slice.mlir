// update_slice: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %u: tensor<1x6xf32>, %s: tensor<2xi32>) -> tensor<4x6xf32> {
  // CHECK: graph.update_slice
  %y = graph.update_slice %x, %u, %s : tensor<4x6xf32>, tensor<1x6xf32>, tensor<2xi32>
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
