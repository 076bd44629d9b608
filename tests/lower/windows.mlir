// Depthwise convolutions and pools with channels last fold their windows as one linalg.generic, whose kernel takes in the padding and
// the epilogue: no padded image, no sums in memory.
// RUN: graphc-opt %s --lower-graph-ops --canonicalize --cse --fuse-elementwise --form-groups --canonicalize | FileCheck %s
// The inner loops hold all sums of a tile in registers: 8 pixels times the 3 elements of a kernel row (one less where the first lies in
// front of the image).
// RUN: graphc build %S/../bench/depthwise_56.json --emit=asm --target=x86-64-v4 | python3 %S/inner_loops.py k0.windows.part | FileCheck %s --check-prefix=V4
// RUN: graphc build %S/../bench/depthwise_56.json --emit=asm --target=x86-64-v3 | python3 %S/inner_loops.py k0.windows.part | FileCheck %s --check-prefix=V3
// RUN: graphc build %S/../bench/depthwise_56.json --emit=asm --target=x86-64-v2 | python3 %S/inner_loops.py k0.windows.part | FileCheck %s --check-prefix=V2
// V4: {{^}}24{{$}}
// V3: {{^}}24{{$}}
// V2: {{^}}32 24{{$}}

// CHECK: #map = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-LABEL: func.func @depthwise
// CHECK-NOT: {{linalg|tensor.pad}}
// CHECK: %[[E:.*]] = tensor.empty() : tensor<2x7x7x20xf32>
// CHECK: kern.run @k0.windows ins(%arg0, {{.*}}, %arg2, %c2{{.*}}, %c7{{.*}}, %c7{{.*}}, %c20{{.*}}, %c14{{.*}}, %c14{{.*}} : tensor<2x14x14x20xf32>, tensor<3x3x1x20xf32>, tensor<20xf32>, index, index, index, index, index, index) outs(%[[E]] : tensor<2x7x7x20xf32>)
// CHECK-NOT: kern.run
func.func @depthwise(%x: tensor<2x14x14x20xf32>, %w: tensor<3x3x1x20xf32>, %b: tensor<20xf32>) -> tensor<2x7x7x20xf32> attributes {graph.entry = 0 : i64} {
  %y = graph.conv %x, %w {groups = 20 : i64, padding = "same", stride = array<i64: 2>} : tensor<2x14x14x20xf32>, tensor<3x3x1x20xf32>
  %z = graph.add %y, %b : tensor<2x7x7x20xf32>, tensor<20xf32>
  %r = graph.relu %z : tensor<2x7x7x20xf32>
  return %r : tensor<2x7x7x20xf32>
}

// Only the last step of a window leaves the image: one row and one column behind it.
// CHECK-LABEL: func.func @largest
// CHECK: kern.run @k1.windows ins(%arg0, {{.*}} : tensor<1x9x9x6xf16>, index, index, index, index, index, index)
// CHECK-NOT: kern.run
func.func @largest(%x: tensor<1x9x9x6xf16>) -> tensor<1x5x5x6xf16> attributes {graph.entry = 1 : i64} {
  %y = graph.max_pool %x {kernel = array<i64: 2>, ceil_mode = true} : tensor<1x9x9x6xf16>
  return %y : tensor<1x5x5x6xf16>
}

// Windows at the border see fewer elements than the others: their numbers are a constant that the epilogue divides by.
// CHECK-LABEL: func.func @mean
// CHECK: %[[COUNTS:.*]] = arith.constant dense<{{.*}}[4.000000e+00], [6.000000e+00], [6.000000e+00], [6.000000e+00]], {{.*}}> : tensor<1x4x4x1xf32>
// CHECK: kern.run @k2.windows ins(%arg0, %[[COUNTS]], {{.*}}
// CHECK-NOT: kern.run
func.func @mean(%x: tensor<1x8x8x6xf32>) -> tensor<1x4x4x6xf32> attributes {graph.entry = 2 : i64} {
  %y = graph.avg_pool %x {kernel = array<i64: 3>, stride = array<i64: 2>, padding = array<i64: 1>} : tensor<1x8x8x6xf32>
  return %y : tensor<1x4x4x6xf32>
}

// CHECK: kern.kernel @k0.windows "windows" [#map]
// CHECK-SAME: inits = [0.000000e+00 : f32, 0.000000e+00 : f32], known = array<i64: 2, 7, 7, 20, 14, 14>, window = array<i64: 3, 3, 2, 2, 1, 1, 0, 0, 1, 1>, window_rank = 2 : i64
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[X:.*]]: f32, %[[W:.*]]: f32, %[[B:.*]]: f32):
// CHECK: %[[NEXT:.*]] = math.fma %[[X]], %[[W]], %[[SUM]] : f32
// CHECK: %[[BIASED:.*]] = arith.addf %[[SUM]], %[[B]] : f32
// CHECK: kern.yield %[[NEXT]], {{.*}} : f32, f32

// The fold is in f32, its result is rounded in the kernel.
// CHECK: kern.kernel @k1.windows "windows" []
// CHECK-SAME: inits = [0xFF800000 : f32, 0xFC00 : f16], {{.*}} window = array<i64: 2, 2, 2, 2, 1, 1, 0, 0, 1, 1>
// CHECK: kern.yield {{.*}} : f32, f16
