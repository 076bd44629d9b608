// Math functions become arithmetic, in the type's own width but for pow of f32; a function that would be a call of libm
// is refused.
// RUN: graphc-opt %s --split-input-file --clone-levels --expand-math --verify-diagnostics | FileCheck %s
// RUN: graphc-opt %s --split-input-file --clone-levels=levels=x86-64-v2 --expand-math --verify-diagnostics | FileCheck %s --check-prefix=V2
// RUN: graphc-opt %s --split-input-file --clone-levels=levels=x86-64-v4 --expand-math --verify-diagnostics | FileCheck %s --check-prefix=V4

// V2-LABEL: @functions
// V2-NOT: math.fma
// V2: return
// CHECK-LABEL: @functions
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK: math.fma {{.*}} : vector<8xf32>
// CHECK-NOT: f64
// CHECK: return
func.func @functions(%x: vector<8xf32>, %y: f32) -> (vector<8xf32>, f32) {
  %0 = math.exp %x : vector<8xf32>
  %1 = math.tanh %y : f32
  return %0, %1 : vector<8xf32>, f32
}

// -----
// On AVX-512 exp looks a power up in one register, whatever the count of lanes, so that all counts have the same bits;
// what is never above 0 needs one bound.
// V4-LABEL: @exp(
// V4-COUNT-2: arith.cmpf
// V4: llvm.x86.avx512.permvar.sf.512
// V4: llvm.x86.avx512.mask.scalef.ps.512
// V4-COUNT-2: arith.cmpf
// V4: vector.broadcast %{{.*}} : f32 to vector<16xf32>
// V4: llvm.x86.avx512.permvar.sf.512
// V4: vector.extract %{{.*}}[0] : f32 from vector<16xf32>
// V4-COUNT-1: arith.cmpf
// V4-NOT: arith.cmpf
// V4: vector.insert_strided_slice %{{.*}} : vector<8xf32> into vector<16xf32>
// V4: llvm.x86.avx512.permvar.sf.512
// V4: vector.extract_strided_slice %{{.*}} : vector<16xf32> to vector<8xf32>
func.func @exp(%x: vector<16xf32>, %y: f32, %z: vector<8xf32>) -> (vector<16xf32>, f32, vector<8xf32>) {
  %0 = math.exp %x : vector<16xf32>
  %1 = math.exp %y : f32
  %2 = math.exp %z {kern.never_positive} : vector<8xf32>
  return %0, %1, %2 : vector<16xf32>, f32, vector<8xf32>
}

// -----
// CHECK-LABEL: @pow
// CHECK: math.fma {{.*}} : vector<8xf64>
// CHECK: arith.truncf {{.*}} : vector<8xf64> to vector<8xf32>
func.func @pow(%x: vector<8xf32>, %y: vector<8xf32>) -> vector<8xf32> {
  %0 = math.powf %x, %y : vector<8xf32>
  return %0 : vector<8xf32>
}

// -----
// The long reduction of an angle stands in a branch.
// CHECK-LABEL: @sin
// CHECK: vector.reduction <or>
// CHECK: scf.if
func.func @sin(%x: vector<8xf64>) -> vector<8xf64> {
  %0 = math.sin %x : vector<8xf64>
  return %0 : vector<8xf64>
}

// -----
func.func @unknown(%x: f32) -> f32 {
  // expected-error@+1 {{'math.cbrt' of this type has no expansion}}
  %0 = math.cbrt %x : f32
  return %0 : f32
}

// -----
func.func @narrow(%x: f16) -> f16 {
  // expected-error@+1 {{'math.exp' of this type has no expansion}}
  %0 = math.exp %x : f16
  return %0 : f16
}
