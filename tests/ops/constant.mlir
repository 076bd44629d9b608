// constant: values and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result() -> tensor<4x8xf32> {
  // CHECK: graph.constant dense<1.500000e+00> : tensor<4x8xf32>
  %y = graph.constant dense<1.5> : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @constant_c1() {
  // expected-error@+1 {{G4002 attribute value: a constant cannot be i4}}
  %y = graph.constant dense<1> : tensor<4xi4>
  return
}

// -----

func.func @constant_c2() {
  // expected-error@+1 {{G3011 attribute value: [1073741824, 1073741824] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.constant dense<1.5> : tensor<1073741824x1073741824xf32>
  return
}
