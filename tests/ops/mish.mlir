// mish: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xf32>) {
  // CHECK: graph.mish
  %y = graph.mish %x : tensor<4x8xf32>
  return
}

// -----

func.func @mish_c1(%x: tensor<4xi32>) {
  // expected-error@+1 {{G4002 operand 0: 'mish' is not defined for i32, it takes f32, f64, f16, bf16}}
  %y = graph.mish %x : tensor<4xi32>
  return
}
