// RUN: graphc-opt %s --fuse-elementwise --form-groups --canonicalize | FileCheck %s
// A cell: its gates are parts of one product, read where they lie; the next state is stored and read by one kernel; what is returned twice
// is stored twice, without a copy.

#id = affine_map<(b, u) -> (b, u)>
#first = affine_map<(b, u) -> (b * 2, u)>
#second = affine_map<(b, u) -> (b * 2 + 1, u)>

// CHECK-DAG: affine_map<(d0, d1) -> (d0 * 2, d1)>
// CHECK-DAG: affine_map<(d0, d1) -> (d0 * 2 + 1, d1)>
// CHECK-LABEL: func.func @cell
// CHECK: %[[R:.*]]:3 = kern.run @k0.elementwise ins(%arg0, %arg1, %arg0, {{.*}}) outs({{.*}}) {inplace = array<i64: 1, 0, 1, 1, 1, 2>}
// CHECK-NOT: kern.run
// CHECK: return %[[R]]#0, %[[R]]#1, %[[R]]#2
func.func @cell(%z: tensor<3x8xf32>, %c: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) attributes {graph.entry = 0 : i64} {
  %e = tensor.empty() : tensor<3x4xf32>
  %parts = tensor.expand_shape %z [[0], [1, 2]] output_shape [3, 2, 4] : tensor<3x8xf32> into tensor<3x2x4xf32>
  %gates = tensor.collapse_shape %parts [[0, 1], [2]] : tensor<3x2x4xf32> into tensor<6x4xf32>
  %f = linalg.generic {indexing_maps = [#first, #id], iterator_types = ["parallel", "parallel"]}
      ins(%gates : tensor<6x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<3x4xf32>
  %g = linalg.generic {indexing_maps = [#second, #id], iterator_types = ["parallel", "parallel"]}
      ins(%gates : tensor<6x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<3x4xf32>
  %next = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%f, %c : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<3x4xf32>
  %h = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%g, %next : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.mulf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<3x4xf32>
  return %next, %h, %h : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
}

// The reader does not go over its elements one by one: they stay two.
// CHECK-LABEL: func.func @turned
// CHECK-COUNT-2: kern.run
func.func @turned(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) attributes {graph.entry = 1 : i64} {
  %e = tensor.empty() : tensor<4x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.mulf %p, %p : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(b, u) -> (u, b)>, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  return %a, %b : tensor<4x4xf32>, tensor<4x4xf32>
}
