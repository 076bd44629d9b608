// relu: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: graph.relu
  %y = graph.relu %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @relu_c1(%x: tensor<4xf64>) {
  // expected-error@+1 {{G4002 operand 0: 'relu' is not defined for f64 (f32)}}
  %y = graph.relu %x : tensor<4xf64>
  return
}
