// What reads the rows of a product in parts is its epilogue, and what stands between them with it. Not where another
// reads them too, where a part is no whole panels, where there are too many parts or results.
// RUN: graphc-opt %s --split-input-file --outline-control --lower-graph-ops --canonicalize --fuse-elementwise --form-groups --canonicalize | FileCheck %s

// CHECK-DAG: #[[PART0:.*]] = affine_map<(d0, d1, d2) -> (d1 * 2, d2)>
// CHECK-DAG: #[[PART1:.*]] = affine_map<(d0, d1, d2) -> (d1 * 2 + 1, d2)>
// CHECK-DAG: #[[COLUMNS:.*]] = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-DAG: #[[SECOND:.*]] = affine_map<(d0, d1, d2) -> (1, d2)>
// CHECK-DAG: #[[OWN:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-LABEL: func.func @cell(
// CHECK: kern.run @k0.pack_panels
// CHECK: %[[R:.*]] = kern.run @k1.contraction ins(%arg0, %{{.*}}, %arg2, %{{.*}}, %arg4, %arg2, %{{.*}} : {{.*}}) outs(%{{.*}} : tensor<3x16xf32>) {inplace = array<i64: 4, 0>}
// CHECK-NOT: kern.run
// CHECK: return %[[R]]
// CHECK: kern.kernel @k1.contraction "contraction" [#[[PART0]], #[[COLUMNS]], #[[OWN]], #[[PART1]], #[[SECOND]]]
// CHECK-SAME: known = array<i64: 1, 3, 32, 5>, parts = 2 : i64
// CHECK-NEXT: ^bb0(%{{[a-z0-9]*}}: f32, %{{[a-z0-9]*}}: f32, %{{[a-z0-9]*}}: f32, %{{[a-z0-9]*}}: f32, %{{[a-z0-9]*}}: f32, %{{[a-z0-9]*}}: f32, %{{[a-z0-9]*}}: f32):
func.func @cell(%x: tensor<3x5xf32>, %w: tensor<5x32xf32>, %z: tensor<3x32xf32>, %b: tensor<32xf32>, %c: tensor<3x16xf32>) -> tensor<3x16xf32> attributes {graph.entry = 0 : i64} {
  %p = graph.matmul %x, %w : tensor<3x5xf32>, tensor<5x32xf32>
  %q = graph.add %p, %z : tensor<3x32xf32>, tensor<3x32xf32>
  %r = graph.add %q, %b : tensor<3x32xf32>, tensor<32xf32>
  %g:2 = graph.split %r {axis = -1 : i64, parts = 2 : i64} : tensor<3x32xf32>
  %k = graph.mul %g#0, %c : tensor<3x16xf32>, tensor<3x16xf32>
  %y = graph.mul %k, %g#1 : tensor<3x16xf32>, tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}

// -----

// CHECK-LABEL: func.func @returned(
// CHECK: kern.run @{{.*}}.contraction
// CHECK: kern.run @{{.*}}.elementwise
func.func @returned(%x: tensor<3x5xf32>, %w: tensor<5x32xf32>) -> (tensor<3x16xf32>, tensor<3x32xf32>) attributes {graph.entry = 0 : i64} {
  %p = graph.matmul %x, %w : tensor<3x5xf32>, tensor<5x32xf32>
  %g:2 = graph.split %p {axis = -1 : i64, parts = 2 : i64} : tensor<3x32xf32>
  %y = graph.mul %g#0, %g#1 : tensor<3x16xf32>, tensor<3x16xf32>
  return %y, %p : tensor<3x16xf32>, tensor<3x32xf32>
}

// -----

// CHECK-LABEL: func.func @narrow(
// CHECK: kern.run @{{.*}}.contraction
// CHECK: kern.run @{{.*}}.elementwise
func.func @narrow(%x: tensor<3x5xf32>, %w: tensor<5x40xf32>) -> tensor<3x20xf32> attributes {graph.entry = 0 : i64} {
  %p = graph.matmul %x, %w : tensor<3x5xf32>, tensor<5x40xf32>
  %g:2 = graph.split %p {axis = -1 : i64, parts = 2 : i64} : tensor<3x40xf32>
  %y = graph.mul %g#0, %g#1 : tensor<3x20xf32>, tensor<3x20xf32>
  return %y : tensor<3x20xf32>
}

// -----

// CHECK-LABEL: func.func @five(
// CHECK: kern.run @{{.*}}.contraction
// CHECK: kern.run @{{.*}}.elementwise
func.func @five(%x: tensor<3x5xf32>, %w: tensor<5x80xf32>) -> tensor<3x16xf32> attributes {graph.entry = 0 : i64} {
  %p = graph.matmul %x, %w : tensor<3x5xf32>, tensor<5x80xf32>
  %g:5 = graph.split %p {axis = -1 : i64, parts = 5 : i64} : tensor<3x80xf32>
  %y = graph.mul %g#0, %g#4 : tensor<3x16xf32>, tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}

// -----

// CHECK-LABEL: func.func @many(
// CHECK: kern.run @{{.*}}.contraction
// CHECK: kern.run @{{.*}}.elementwise
func.func @many(%x: tensor<3x5xf32>, %w: tensor<5x32xf32>) -> (tensor<3x16xf32>, tensor<3x16xf32>, tensor<3x16xf32>, tensor<3x16xf32>, tensor<3x16xf32>) attributes {graph.entry = 0 : i64} {
  %p = graph.matmul %x, %w : tensor<3x5xf32>, tensor<5x32xf32>
  %g:2 = graph.split %p {axis = -1 : i64, parts = 2 : i64} : tensor<3x32xf32>
  %y = graph.mul %g#0, %g#1 : tensor<3x16xf32>, tensor<3x16xf32>
  return %y, %y, %y, %y, %y : tensor<3x16xf32>, tensor<3x16xf32>, tensor<3x16xf32>, tensor<3x16xf32>, tensor<3x16xf32>
}

// -----

// In every other turn the matrix of 256 KB is gone through from behind: the second operand of the body is a row.
// CHECK-LABEL: func.func private @loop.body(
// CHECK: kern.kernel @{{.*}}.contraction {{.*}} turn_row = array<i64: 2, 1024>
func.func @loop(%h: tensor<1x256xf32>, %w: tensor<256x256xf32>, %z: tensor<7x1x256xf32>) -> tensor<1x256xf32> attributes {graph.entry = 0 : i64} {
  %y = graph.scan @loop.body carry(%h) over(%z) captures(%w) length <() -> (7)> : (tensor<1x256xf32>, tensor<7x1x256xf32>, tensor<256x256xf32>) -> tensor<1x256xf32>
  return %y : tensor<1x256xf32>
}
func.func private @loop.body(%h: tensor<1x256xf32>, %z: tensor<1x256xf32>, %w: tensor<256x256xf32>) -> tensor<1x256xf32> {
  %p = graph.matmul %h, %w : tensor<1x256xf32>, tensor<256x256xf32>
  %y = graph.add %p, %z : tensor<1x256xf32>, tensor<1x256xf32>
  return %y : tensor<1x256xf32>
}
