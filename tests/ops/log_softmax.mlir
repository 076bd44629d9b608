// log_softmax: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf16>) -> tensor<4x8xf16> {
  // CHECK: graph.log_softmax
  %y = graph.log_softmax %x : tensor<4x8xf16>
  return %y : tensor<4x8xf16>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>) -> tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.log_softmax
  %y = graph.log_softmax %x : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
  return %y : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @log_softmax_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 1 is outside 'x' of rank 1 (valid: -1..0)}}
  %y = graph.log_softmax %x {axis = 1 : i64} : tensor<4xf32>
  return
}

// -----

func.func @log_softmax_c2(%x: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'log_softmax' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.log_softmax %x : tensor<4xi32>
  return
}
