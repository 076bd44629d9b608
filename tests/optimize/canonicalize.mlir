// The folds of single ops: only those exact for every bit pattern (x + 0 would turn -0 into 0).
// RUN: graphc-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: @exact
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT: return %[[X]]
func.func @exact(%x: tensor<4xf32>) -> tensor<4xf32> {
  %one = graph.constant dense<1.0> : tensor<f32>
  %zero = graph.constant dense<0.0> : tensor<f32>
  %minus_zero = graph.constant dense<-0.0> : tensor<4xf32>
  %a = graph.mul %one, %x : tensor<f32>, tensor<4xf32>
  %b = graph.div %a, %one : tensor<4xf32>, tensor<f32>
  %c = graph.sub %b, %zero : tensor<4xf32>, tensor<f32>
  %d = graph.add %c, %minus_zero : tensor<4xf32>, tensor<4xf32>
  %e = graph.identity %d : tensor<4xf32>
  return %e : tensor<4xf32>
}

// CHECK-LABEL: @inexact
// CHECK: graph.add
// CHECK: graph.mul
// CHECK: graph.sub
// CHECK: graph.mul
func.func @inexact(%x: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xf32> {
  %one = graph.constant dense<1.0> : tensor<4xf32>
  %zero = graph.constant dense<0.0> : tensor<f32>
  %a = graph.add %x, %zero : tensor<4xf32>, tensor<f32>
  %b = graph.mul %a, %zero : tensor<4xf32>, tensor<f32>
  %c = graph.sub %zero, %b : tensor<f32>, tensor<4xf32>
  %d = graph.mul %one, %s : tensor<4xf32>, tensor<f32>
  %e = graph.add %c, %d : tensor<4xf32>, tensor<4xf32>
  return %e : tensor<4xf32>
}

// What an op finds of its sizes is written out: a named dim is no 1, even if it becomes one later.
// CHECK-LABEL: @found
// CHECK: graph.squeeze %{{.*}} {axis = array<i64: 1>}
// CHECK: graph.reshape %{{.*}} {shape = #graph.shape<()[s0] -> (s0, 2, 3), <"B", 0, 64, 1>>}
func.func @found(%x: tensor<?x1x6xf32, #graph.shape<()[s0] -> (s0, 1, 6), <"B", 0, 64, 1>>>)
    -> tensor<?x2x3xf32, #graph.shape<()[s0] -> (s0, 2, 3), <"B", 0, 64, 1>>> {
  %0 = graph.squeeze %x : tensor<?x1x6xf32, #graph.shape<()[s0] -> (s0, 1, 6), <"B", 0, 64, 1>>>
  %1 = graph.reshape %0 {shape = #graph.shape<()[s0] -> (s0, -1, 3), <"B", 0, 64, 1>>} : tensor<?x6xf32, #graph.shape<()[s0] -> (s0, 6), <"B", 0, 64, 1>>>
  return %1 : tensor<?x2x3xf32, #graph.shape<()[s0] -> (s0, 2, 3), <"B", 0, 64, 1>>>
}
