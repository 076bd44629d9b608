// broadcast: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<6xf32>) -> tensor<4x6xf32> {
  // CHECK: graph.broadcast
  %y = graph.broadcast %x {shape = #graph.shape<() -> (4, 6)>} : tensor<6xf32>
  return %y : tensor<4x6xf32>
}

// -----

func.func @broadcast_c1(%x: tensor<6xf32>) {
  // expected-error@+1 {{G3001 attribute shape, operand 0: 'x' is [6], which does not broadcast to [6, 4]}}
  %y = graph.broadcast %x {shape = #graph.shape<() -> (6, 4)>} : tensor<6xf32>
  return
}

// -----

func.func @broadcast_c2(%x: tensor<6xf32>) {
  // expected-error@+1 {{G2001 attribute shape: a size of 'shape' is -1, sizes are 0 or more}}
  %y = graph.broadcast %x {shape = #graph.shape<() -> (-1, 6)>} : tensor<6xf32>
  return
}
