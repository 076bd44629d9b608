// cumprod: result types and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result(%x: tensor<4x8xi32>) -> tensor<4x8xi32> {
  // CHECK: graph.cumprod
  %y = graph.cumprod %x {axis = 0 : i64, exclusive = true} : tensor<4x8xi32>
  return %y : tensor<4x8xi32>
}

// -----

// CHECK-LABEL: @named
func.func @named(%x: tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>) -> tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>> {
  // CHECK: graph.cumprod
  %y = graph.cumprod %x {axis = 0 : i64} : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
  return %y : tensor<?x8xf32, #graph.shape<()[s0] -> (s0, 8), #graph.dim<"B", 1, 512, 1>>>
}

// -----

func.func @cumprod_c1(%x: tensor<4xf32>) {
  // expected-error@+1 {{G2004 attribute axis, operand 0: axis 1 is outside 'x' of rank 1 (valid: -1..0)}}
  %y = graph.cumprod %x {axis = 1 : i64} : tensor<4xf32>
  return
}

// -----

func.func @cumprod_c2(%x: tensor<4xi1>) {
  // expected-error@+1 {{G4002 operand 0: 'cumprod' is not defined for bool, it takes f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64}}
  %y = graph.cumprod %x {axis = 0 : i64} : tensor<4xi1>
  return
}
