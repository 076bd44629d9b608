// iota: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result() -> tensor<4x6xi32> {
  // CHECK: graph.iota
  %y = graph.iota {type = tensor<4x6xi32>, axis = 1 : i64}
  return %y : tensor<4x6xi32>
}

// -----

func.func @iota_c1() {
  // expected-error@+1 {{G4002 attribute type: 'iota' is not defined for bool, it takes numbers}}
  %y = graph.iota {type = tensor<4xi1>}
  return
}

// -----

func.func @iota_c2() {
  // expected-error@+1 {{G0014 attribute type: a size is neither a number nor a named dim}}
  %y = graph.iota {type = tensor<?xi32>}
  return
}

// -----

func.func @iota_c3() {
  // expected-error@+1 {{G2004 attribute axis, attribute type: axis 1 is outside a tensor of rank 1 (valid: -1..0)}}
  %y = graph.iota {type = tensor<4xi32>, axis = 1 : i64}
  return
}

// -----

func.func @iota_c4() {
  // expected-error@+1 {{G4005 attribute type: positions along an axis of size 300 do not fit u8, which holds at most 255}}
  %y = graph.iota {type = tensor<300xui8>}
  return
}
