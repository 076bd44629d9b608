// size_value: the dtypes that hold it, and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @sizes
func.func @sizes(%x: tensor<?xf32, #graph.shape<()[s0] -> (s0), <"T", 1, 63, 1>>>) -> (tensor<bf16>, tensor<i8>) {
  // CHECK: graph.size_value
  %y = graph.size_value {size = #graph.shape<()[s0] -> (s0 * 2 + 1), <"T", 1, 63, 1>>, dtype = bf16}
  %z = graph.size_value {size = #graph.shape<()[s0] -> (s0 * 2 + 1), <"T", 1, 63, 1>>, dtype = i8}
  return %y, %z : tensor<bf16>, tensor<i8>
}

// -----

func.func @size_value_c1() {
  // expected-error@+1 {{G3008 attribute size: 'size' is one size, these are 2}}
  %y = graph.size_value {size = #graph.shape<()[s0] -> (s0, 4), <"T", 1, 63, 1>>, dtype = f32}
  return
}

// -----

func.func @size_value_c2() {
  // expected-error@+1 {{G4002 attribute size: the size 'T' is a number, no bool}}
  %y = graph.size_value {size = #graph.shape<()[s0] -> (s0), <"T", 1, 63, 1>>, dtype = i1}
  return
}

// -----

func.func @size_value_c3() {
  // expected-error@+1 {{G4005 attribute size: the size '2*T' is from 2 to 128, which i8 does not hold}}
  %y = graph.size_value {size = #graph.shape<()[s0] -> (s0 * 2), <"T", 1, 64, 1>>, dtype = i8}
  return
}

// -----

func.func @size_value_c3_unsigned() {
  // expected-error@+1 {{G4005 attribute size: the size 'T - 2' is from -1 to 62, which u8 does not hold}}
  %y = graph.size_value {size = #graph.shape<()[s0] -> (s0 - 2), <"T", 1, 64, 1>>, dtype = ui8}
  return
}
