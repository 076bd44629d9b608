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

// Where levels differ by their products alone, what has none of these is there once; so are functions that call nothing else.
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v4,x86-64-v4+vnni,x86-64-v4+vnni+bf16 | FileCheck %s --check-prefix=DOTS
// DOTS-NOT: @k.v4
// DOTS-NOT: @often.v4
// DOTS-NOT: @body.v4
// DOTS: func.func @quantized(
// DOTS: kern.run @dot ins
// DOTS-NOT: @k.v4
// DOTS: kern.kernel @dot.v4_vnni "contraction"
// DOTS-SAME: kern.level = "x86-64-v4+vnni"
// DOTS: func.func private @inner.v4_vnni({{.*}}) attributes {kern.level = "x86-64-v4+vnni", passthrough = {{\[}}["target-cpu", "x86-64-v4"], ["prefer-vector-width", "512"], ["target-features", "+avx512vnni"]]}
// DOTS: kern.run @dot.v4_vnni ins
// DOTS: kern.run @k ins
// DOTS: func.func @quantized.v4_vnni(
// DOTS: kern.run @inner.v4_vnni ins
// DOTS: kern.kernel @brain.v4_vnni_bf16 "contraction"
// DOTS: func.func @rounded.v4_vnni_bf16({{.*}}) attributes {kern.level = "x86-64-v4+vnni+bf16", passthrough = {{\[}}["target-cpu", "x86-64-v4"], ["prefer-vector-width", "512"], ["target-features", "+avx512vnni,+avx512bf16"]]}
// DOTS: kern.run @brain.v4_vnni_bf16 ins
// DOTS: kern.run @dot.v4_vnni ins
// DOTS-NOT: .v4

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
kern.kernel @dot "contraction" [] attributes {element = i8} {
^bb0(%sum: i32):
  kern.yield %sum : i32
}
kern.kernel @brain "contraction" [] attributes {element = bf16} {
^bb0(%sum: f32):
  kern.yield %sum : f32
}
func.func private @inner(%a: memref<4xi8>, %b: memref<64xi8>, %c: memref<1xi32>, %x: memref<35xf32>) {
  %n = arith.constant 1 : index
  kern.run @dot ins(%a, %b, %n, %n, %n, %n : memref<4xi8>, memref<64xi8>, index, index, index, index) outs(%c : memref<1xi32>)
  kern.run @k ins(%x, %n : memref<35xf32>, index) outs(%x : memref<35xf32>)
  return
}
func.func @quantized(%a: memref<4xi8>, %b: memref<64xi8>, %c: memref<1xi32>, %x: memref<35xf32>) {
  kern.run @inner ins(%a, %b, %c : memref<4xi8>, memref<64xi8>, memref<1xi32>) outs(%x : memref<35xf32>)
  return
}
func.func @rounded(%a: memref<2xbf16>, %b: memref<32xbf16>, %c: memref<1xf32>, %d: memref<4xi8>, %e: memref<64xi8>, %f: memref<1xi32>) {
  %n = arith.constant 1 : index
  kern.run @brain ins(%a, %b, %n, %n, %n, %n : memref<2xbf16>, memref<32xbf16>, index, index, index, index) outs(%c : memref<1xf32>)
  kern.run @dot ins(%d, %e, %n, %n, %n, %n : memref<4xi8>, memref<64xi8>, index, index, index, index) outs(%f : memref<1xi32>)
  return
}
func.func @body.arena_bytes(%b: index) -> index attributes {graph.sizes_only} {
  return %b : index
}
