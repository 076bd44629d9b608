// gather: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %i: tensor<3x2xi64>) -> tensor<4x3x2xf32> {
  // CHECK: graph.gather
  %y = graph.gather %x, %i {axis = 1 : i64} : tensor<4x6xf32>, tensor<3x2xi64>
  return %y : tensor<4x3x2xf32>
}

// -----

func.func @gather_c1(%x: tensor<4x6xf32>, %i: tensor<3xi64>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.gather %x, %i {axis = 2 : i64} : tensor<4x6xf32>, tensor<3xi64>
  return
}

// -----

func.func @gather_c2(%x: tensor<4x6xf32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{G4003 operand 1: 'index' of 'gather' holds positions and must be i32 or i64, it is f32}}
  %y = graph.gather %x, %i {axis = 0 : i64} : tensor<4x6xf32>, tensor<3xf32>
  return
}

// -----

func.func @gather_c3(%x: tensor<1x17592186044416xf32>, %i: tensor<1048576xi64>) {
  // expected-error@+1 {{G3011 operand 1, operand 0: [1048576, 17592186044416] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.gather %x, %i {axis = 0 : i64} : tensor<1x17592186044416xf32>, tensor<1048576xi64>
  return
}
