// reshape: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> tensor<3x8xf32> {
  // CHECK: graph.reshape
  %y = graph.reshape %x {shape = #graph.shape<() -> (3, -1)>} : tensor<4x6xf32>
  return %y : tensor<3x8xf32>
}

// -----

func.func @reshape_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G3005 attribute shape, operand 0: 'x' is [4, 6] and has 24 elements, [5, 5] has 25}}
  %y = graph.reshape %x {shape = #graph.shape<() -> (5, 5)>} : tensor<4x6xf32>
  return
}

// -----

func.func @reshape_c2_two(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G3006 attribute shape: sizes 0 and 2 of 'shape' are -1, only one can be found from the others}}
  %y = graph.reshape %x {shape = #graph.shape<() -> (-1, 2, -1)>} : tensor<4x6xf32>
  return
}

// -----

func.func @reshape_c2_rest(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G3005 attribute shape, operand 0: 'x' is [4, 6] and has 24 elements, which the 5 of the other sizes of [-1, 5] do not divide}}
  %y = graph.reshape %x {shape = #graph.shape<() -> (-1, 5)>} : tensor<4x6xf32>
  return
}

// -----

func.func @reshape_c2_zero(%x: tensor<0x6xf32>) {
  // expected-error@+1 {{G3005 attribute shape, operand 0: 'x' is [0, 6] and has 0 elements, which the 0 of the other sizes of [-1, 0] cannot divide}}
  %y = graph.reshape %x {shape = #graph.shape<() -> (-1, 0)>} : tensor<0x6xf32>
  return
}

// -----

func.func @reshape_c3(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute shape: size 0 of 'shape' is -2, sizes are 0 or more, or one -1}}
  %y = graph.reshape %x {shape = #graph.shape<() -> (-2, -12)>} : tensor<4x6xf32>
  return
}
