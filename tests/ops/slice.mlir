// slice: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> tensor<4x4xf32> {
  // CHECK: graph.slice
  %y = graph.slice %x {start = array<i64: 1>, stop = array<i64: -1>, axis = array<i64: 1>} : tensor<4x6xf32>
  return %y : tensor<4x4xf32>
}

// -----

// CHECK-LABEL: @result_1
func.func @result_1(%x: tensor<?x6xf32, #graph.shape<()[s0] -> (s0, 6), #graph.dim<"B", 1, 512, 1>>>) -> tensor<?x6xf32, #graph.shape<()[s0] -> (s0 - 1, 6), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.slice
  %y = graph.slice %x {start = array<i64: 1>} : tensor<?x6xf32, #graph.shape<()[s0] -> (s0, 6), #graph.dim<"B", 1, 512, 1>>>
  return %y : tensor<?x6xf32, #graph.shape<()[s0] -> (s0 - 1, 6), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @slice_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 2 is outside 'x' of rank 2 (valid: -2..1)}}
  %y = graph.slice %x {start = array<i64: 1>, axis = array<i64: 2>} : tensor<4x6xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2006 attribute axis: axis -1 is named twice in 'axis'}}
  %y = graph.slice %x {start = array<i64: 1>, axis = array<i64: 1, -1>} : tensor<4x6xf32>
  return
}

// -----

func.func @slice_c3(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2002 attribute stop: 'stop' has 3 entries, 2 axes are cut}}
  %y = graph.slice %x {start = array<i64: 1>, stop = array<i64: 3, 4, 5>, axis = array<i64: 0, 1>} : tensor<4x6xf32>
  return
}

// -----

func.func @slice_c3_axes(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2002 attribute start, operand 0: 'start' has 3 entries, 'x' has 2 axes}}
  %y = graph.slice %x {start = array<i64: 1, 1, 1>} : tensor<4x6xf32>
  return
}

// -----

func.func @slice_c4(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute step: a step is 0, it can be positive or negative}}
  %y = graph.slice %x {start = array<i64: 1>, step = array<i64: 0>} : tensor<4x6xf32>
  return
}

// -----

func.func @slice_c5(%x: tensor<?x6xf32, #graph.shape<()[s0] -> (s0, 6), #graph.dim<"B", 1, 512, 1>>>) {
  // expected-error@+1 {{G3017 attribute start, operand 0: how much of axis 0 this takes changes with its size B, which is between 1 and 512: the positions must lie inside for every size}}
  %y = graph.slice %x {start = array<i64: 0>, stop = array<i64: 10>} : tensor<?x6xf32, #graph.shape<()[s0] -> (s0, 6), #graph.dim<"B", 1, 512, 1>>>
  return
}
