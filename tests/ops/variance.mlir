// variance: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @whole
func.func @whole(%x: tensor<4x8xf32>) -> tensor<f32> {
  // CHECK: graph.variance
  %y = graph.variance %x : tensor<4x8xf32>
  return %y : tensor<f32>
}

// -----

// CHECK-LABEL: @one_axis
func.func @one_axis(%x: tensor<4x8xf32>) -> tensor<4xf32> {
  // CHECK: graph.variance
  %y = graph.variance %x {axis = array<i64: -1>} : tensor<4x8xf32>
  return %y : tensor<4xf32>
}

// -----

// CHECK-LABEL: @kept
func.func @kept(%x: tensor<4x8x2xf32>) -> tensor<1x8x1xf32> {
  // CHECK: graph.variance
  %y = graph.variance %x {keep_axis = array<i64: 1>, keep_dims = true} : tensor<4x8x2xf32>
  return %y : tensor<1x8x1xf32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>) -> tensor<8xf32> {
  // CHECK: graph.variance
  %y = graph.variance %x {axis = array<i64: 0>} : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
  return %y : tensor<8xf32>
}

// -----

func.func @variance_c1(%x: tensor<4x8xf32>) {
  // expected-error@+1 {{G2005 attribute keep_axis, attribute axis: 'variance' takes either 'axis' or 'keep_axis', not both}}
  %y = graph.variance %x {axis = array<i64: 0>, keep_axis = array<i64: 1>} : tensor<4x8xf32>
  return
}

// -----

func.func @variance_c2(%x: tensor<4x8xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.variance %x {axis = array<i64: 2>} : tensor<4x8xf32>
  return
}

// -----

func.func @variance_c3(%x: tensor<4x8xf32>) {
  // expected-error@+1 {{G2006 attribute axis: axis -1 is named twice in 'axis'}}
  %y = graph.variance %x {axis = array<i64: 1, -1>} : tensor<4x8xf32>
  return
}

// -----

func.func @variance_c4(%x: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'variance' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.variance %x : tensor<4xi32>
  return
}
