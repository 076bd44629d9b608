// stack: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>, %z: tensor<4x6xf32>) -> tensor<4x6x2xf32> {
  // CHECK: graph.stack
  %y = graph.stack %x, %z {axis = -1 : i64} : tensor<4x6xf32>, tensor<4x6xf32>
  return %y : tensor<4x6x2xf32>
}

// -----

func.func @stack_c1() {
  // expected-error@+2 {{G1010 attribute axis: 'stack' needs at least one operand}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = "graph.stack"() {axis = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @stack_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 3 is outside 'y' of rank 3 (valid: -3..2)}}
  %y = graph.stack %x {axis = 3 : i64} : tensor<4x6xf32>
  return
}

// -----

func.func @stack_c3(%x: tensor<4x6xf32>, %z: tensor<4x6xi32>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'stack' combines f32 and i32, its operands must have one dtype}}
  %y = graph.stack %x, %z {axis = 0 : i64} : tensor<4x6xf32>, tensor<4x6xi32>
  return
}

// -----

func.func @stack_c4(%x: tensor<4x6xf32>, %z: tensor<2x6xf32>) {
  // expected-error@+1 {{G3007 operand 1, operand 0: cannot stack [2, 6] on [4, 6], their shapes must be equal}}
  %y = graph.stack %x, %z {axis = 0 : i64} : tensor<4x6xf32>, tensor<2x6xf32>
  return
}
