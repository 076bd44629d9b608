// Arithmetic and functions on f16 and bf16 are done in f32; conversions are integer code where the level has none.
// RUN: graphc-opt %s --clone-levels --expand-conversions | FileCheck %s
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v2 --expand-conversions | FileCheck %s --check-prefix=V2

// CHECK-LABEL: @f16
// CHECK: arith.extf %arg0 : vector<8xf16> to vector<8xf32>
// CHECK: math.exp {{.*}} : vector<8xf32>
// CHECK: arith.truncf {{.*}} : vector<8xf32> to vector<8xf16>
// V2-LABEL: @f16
// V2-NOT: arith.extf
// V2: math.exp {{.*}} : vector<8xf32>
// V2-NOT: arith.truncf
func.func @f16(%x: vector<8xf16>) -> vector<8xf16> {
  %0 = math.exp %x : vector<8xf16>
  return %0 : vector<8xf16>
}

// CHECK-LABEL: @bf16
// CHECK-NOT: arith.extf
// CHECK: arith.cmpf olt, {{.*}} : f32
// CHECK: arith.select {{.*}} : bf16
func.func @bf16(%x: bf16, %y: bf16) -> bf16 {
  %0 = arith.cmpf olt, %x, %y : bf16
  %1 = arith.select %0, %x, %y : bf16
  return %1 : bf16
}

// CHECK-LABEL: @saturates
// CHECK: arith.fptosi {{.*}} : f32 to i32
// CHECK: arith.trunci {{.*}} : i32 to i8
func.func @saturates(%x: f32) -> i8 {
  %0 = arith.fptosi %x : f32 to i8
  return %0 : i8
}
