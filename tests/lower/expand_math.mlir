// exp and tanh become arithmetic; a function that would be a call of libm is refused.
// RUN: graphc-opt %s --split-input-file --expand-math --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @functions
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK: math.fma {{.*}} : vector<8xf32>
// CHECK: return
func.func @functions(%x: vector<8xf32>, %y: f32) -> (vector<8xf32>, f32) {
  %0 = math.exp %x : vector<8xf32>
  %1 = math.tanh %y : f32
  return %0, %1 : vector<8xf32>, f32
}

// -----
func.func @unknown(%x: f32) -> f32 {
  // expected-error@+1 {{'math.erf' of this type has no expansion}}
  %0 = math.erf %x : f32
  return %0 : f32
}

// -----
func.func @wide(%x: f64) -> f64 {
  // expected-error@+1 {{'math.exp' of this type has no expansion}}
  %0 = math.exp %x : f64
  return %0 : f64
}
