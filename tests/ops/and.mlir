// and: broadcasting and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @broadcast
func.func @broadcast(%a: tensor<2x1x8xi1>, %b: tensor<3x1xi1>) -> tensor<2x3x8xi1> {
  // CHECK: graph.and
  %y = graph.and %a, %b : tensor<2x1x8xi1>, tensor<3x1xi1>
  return %y : tensor<2x3x8xi1>
}

// -----

func.func @and_c1(%a: tensor<32x10xi1>, %b: tensor<32x12xi1>) {
  // expected-error@+1 {{G3001 operand 1, operand 0: cannot combine [32, 10] with [32, 12]: axis 1 is 10 and 12}}
  %y = graph.and %a, %b : tensor<32x10xi1>, tensor<32x12xi1>
  return
}

// -----

func.func @and_c2(%a: tensor<4xi1>, %b: tensor<4xi64>) {
  // expected-error@+1 {{G4001 operand 1, operand 0: 'and' combines bool and i64, its operands must have one dtype}}
  %y = graph.and %a, %b : tensor<4xi1>, tensor<4xi64>
  return
}

// -----

func.func @and_c3(%a: tensor<4xi32>, %b: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'and' is not defined for i32, it takes bool}}
  %y = graph.and %a, %b : tensor<4xi32>, tensor<4xi32>
  return
}
