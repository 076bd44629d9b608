// Kernels and bodies once per level, calls within the level; what computes sizes once for all.
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v2,x86-64-v4 | FileCheck %s
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v2,x86-64-v4 --build-kernels --lower-groups | FileCheck %s --check-prefix=CALLS
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v3 | FileCheck %s --check-prefix=ONE
// RUN: not graphc-opt %s --clone-levels=levels=x86-64-v5 2>&1 | FileCheck %s --check-prefix=NONE

// CHECK: kern.kernel @k "elementwise"
// CHECK-SAME: kern.level = "x86-64-v2"
// CHECK: func.func private @often({{.*}}) attributes {kern.level = "x86-64-v2", passthrough = {{\[}}["target-cpu", "x86-64-v2"], ["prefer-vector-width", "128"], "noinline"]}
// CHECK: kern.run @k ins
// CHECK: func.func @body({{.*}}) attributes {kern.level = "x86-64-v2"
// CHECK: kern.run @often ins
// CHECK: func.func @body.arena_bytes(%{{.*}}: index) -> index attributes {graph.sizes_only} {
// CHECK: kern.kernel @k.v4 "elementwise"
// CHECK-SAME: kern.level = "x86-64-v4"
// CHECK: func.func private @often.v4({{.*}}) attributes {kern.level = "x86-64-v4", passthrough = {{\[}}["target-cpu", "x86-64-v4"], ["prefer-vector-width", "512"], "noinline"]}
// CHECK: kern.run @k.v4 ins
// CHECK: func.func @body.v4(
// CHECK: kern.run @often.v4 ins
// CHECK-NOT: arena_bytes

// CALLS: func.func private @k.part({{.*}} attributes {kern.level = "x86-64-v2"
// CALLS-NOT: vector<16xf32>
// CALLS: vector<4xf32>
// CALLS: func.func private @k.v4.part({{.*}} attributes {kern.level = "x86-64-v4"
// CALLS-NOT: vector<4xf32>
// CALLS: vector<16xf32>
// CALLS: func.func private @often.v4
// CALLS: call @k.v4(
// CALLS: func.func @body.v4
// CALLS: call @often.v4(

// ONE-NOT: .v3
// ONE: @k "elementwise"
// ONE-SAME: kern.level = "x86-64-v3"
// ONE-NOT: .v3

// NONE: error: a level that does not exist
#id = affine_map<(d0) -> (d0)>
kern.kernel @k "elementwise" [#id, #id] {
^bb0(%x: f32):
  %y = arith.addf %x, %x : f32
  kern.yield %y : f32
}
func.func private @often(%x: memref<35xf32>, %y: memref<35xf32>) attributes {passthrough = ["noinline"]} {
  %n = arith.constant 35 : index
  kern.run @k ins(%x, %n : memref<35xf32>, index) outs(%y : memref<35xf32>)
  return
}
func.func @body(%x: memref<35xf32>, %y: memref<35xf32>) {
  kern.run @often ins(%x : memref<35xf32>) outs(%y : memref<35xf32>)
  return
}
func.func @body.arena_bytes(%b: index) -> index attributes {graph.sizes_only} {
  return %b : index
}
