// all: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @whole
func.func @whole(%x: tensor<4x8xi1>) -> tensor<i1> {
  // CHECK: graph.all
  %y = graph.all %x : tensor<4x8xi1>
  return %y : tensor<i1>
}

// -----

// CHECK-LABEL: @one_axis
func.func @one_axis(%x: tensor<4x8xi1>) -> tensor<4xi1> {
  // CHECK: graph.all
  %y = graph.all %x {axis = array<i64: -1>} : tensor<4x8xi1>
  return %y : tensor<4xi1>
}

// -----

// CHECK-LABEL: @kept
func.func @kept(%x: tensor<4x8x2xi1>) -> tensor<1x8x1xi1> {
  // CHECK: graph.all
  %y = graph.all %x {keep_axis = array<i64: 1>, keep_dims = true} : tensor<4x8x2xi1>
  return %y : tensor<1x8x1xi1>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xi1, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>) -> tensor<8xi1> {
  // CHECK: graph.all
  %y = graph.all %x {axis = array<i64: 0>} : tensor<?x8xi1, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
  return %y : tensor<8xi1>
}

// -----

func.func @all_c1(%x: tensor<4x8xi1>) {
  // expected-error@+1 {{G2005 attribute keep_axis, attribute axis: 'all' takes either 'axis' or 'keep_axis', not both}}
  %y = graph.all %x {axis = array<i64: 0>, keep_axis = array<i64: 1>} : tensor<4x8xi1>
  return
}

// -----

func.func @all_c2(%x: tensor<4x8xi1>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.all %x {axis = array<i64: 2>} : tensor<4x8xi1>
  return
}

// -----

func.func @all_c3(%x: tensor<4x8xi1>) {
  // expected-error@+1 {{G2006 attribute axis: axis -1 is named twice in 'axis'}}
  %y = graph.all %x {axis = array<i64: 1, -1>} : tensor<4x8xi1>
  return
}

// -----

func.func @all_c4(%x: tensor<4xf32>) {
  // expected-error@+1 {{G4002 operand 0: 'all' is not defined for f32, it takes bool}}
  %y = graph.all %x : tensor<4xf32>
  return
}
