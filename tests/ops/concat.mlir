// concat: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %z: tensor<2x6xf32>) -> tensor<6x6xf32> {
  // CHECK: graph.concat
  %y = graph.concat %x, %z {axis = 0 : i64} : tensor<4x6xf32>, tensor<2x6xf32>
  return %y : tensor<6x6xf32>
}

// -----

func.func @concat_c1() {
  // expected-error@+2 {{G1010 attribute axis: 'concat' needs at least one operand}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = "graph.concat"() {axis = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @concat_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.concat %x {axis = 2 : i64} : tensor<4x6xf32>
  return
}

// -----

func.func @concat_c3(%x: tensor<4x6xf32>, %z: tensor<4x6xi32>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'concat' combines f32 and i32, its operands must have one dtype}}
  %y = graph.concat %x, %z {axis = 0 : i64} : tensor<4x6xf32>, tensor<4x6xi32>
  return
}

// -----

func.func @concat_c4(%x: tensor<4x6xf32>, %z: tensor<4xf32>) {
  // expected-error@+1 {{G3007 operand 1, operand 0: cannot join [4] to [4, 6] along axis 0: they differ in rank}}
  %y = graph.concat %x, %z {axis = 0 : i64} : tensor<4x6xf32>, tensor<4xf32>
  return
}

// -----

func.func @concat_c5(%x: tensor<4x6xf32>, %z: tensor<2x6xf32>) {
  // expected-error@+1 {{G3007 operand 1, operand 0: cannot join [2, 6] to [4, 6] along axis 1: axis 0 is 2 and 4}}
  %y = graph.concat %x, %z {axis = 1 : i64} : tensor<4x6xf32>, tensor<2x6xf32>
  return
}
