// tile: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x6xf32>) -> tensor<8x6xf32> {
  // CHECK: graph.tile
  %y = graph.tile %x {repeats = array<i64: 2, 1>} : tensor<4x6xf32>
  return %y : tensor<8x6xf32>
}

// -----

func.func @tile_c1(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2002 attribute repeats, operand 0: 'repeats' has 3 entries, 'x' has 2 axes}}
  %y = graph.tile %x {repeats = array<i64: 2, 1, 1>} : tensor<4x6xf32>
  return
}

// -----

func.func @tile_c2(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G2001 attribute repeats: an entry of 'repeats' is -1, it can be 0 to 2^40}}
  %y = graph.tile %x {repeats = array<i64: -1>} : tensor<4x6xf32>
  return
}

// -----

func.func @tile_c3(%x: tensor<4x6xf32>) {
  // expected-error@+1 {{G3011 attribute repeats, operand 0: [4398046511104, 6597069766656] is more than any memory holds (limit 2^47 bytes)}}
  %y = graph.tile %x {repeats = array<i64: 1099511627776, 1099511627776>} : tensor<4x6xf32>
  return
}
