// RUN: graphc-opt %s --split-fma | FileCheck %s

// CHECK-LABEL: @f
// CHECK: %[[P:.*]] = llvm.fmul %arg0, %arg1
// CHECK: llvm.fadd %[[P]], %arg2
// CHECK-NOT: llvm.intr.fma
llvm.func @f(%a: f32, %b: f32, %c: f32) -> f32 {
  %0 = llvm.intr.fma(%a, %b, %c) : (f32, f32, f32) -> f32
  llvm.return %0 : f32
}
