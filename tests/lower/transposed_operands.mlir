// RUN: graphc-opt %s --form-groups --split-input-file | FileCheck %s
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#swap4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3, d2)>

// The left matrix is read by columns, where it lies: no copy.
// CHECK-LABEL: func.func @left(
// CHECK-SAME: %[[X:.*]]: tensor<64x5xf32>, %[[Y:.*]]: tensor<64x7xf32>
// CHECK: %[[P:.*]] = kern.run @[[PACK:k[0-9]+.pack_panels]] ins(%[[Y]],
// CHECK: kern.run @[[BY_COLUMNS:k[0-9]+.contraction]] ins(%[[X]], %[[P]],
// CHECK-NOT: kern.run
// CHECK: kern.kernel @[[PACK]]
// CHECK-NOT: transposed
// CHECK: kern.kernel @[[BY_COLUMNS]]
// CHECK-SAME: known = array<i64: 1, 5, 7, 64>, transposed
func.func @left(%x: tensor<64x5xf32>, %y: tensor<64x7xf32>) -> tensor<5x7xf32> attributes {graph.entry = 0 : i64} {
  %e = tensor.empty() : tensor<5x64xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<64x5xf32>) outs(%e : tensor<5x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<5x64xf32>
  %zero = arith.constant 0.0 : f32
  %c = tensor.empty() : tensor<5x7xf32>
  %f = linalg.fill ins(%zero : f32) outs(%c : tensor<5x7xf32>) -> tensor<5x7xf32>
  %r = linalg.matmul ins(%t, %y : tensor<5x64xf32>, tensor<64x7xf32>) outs(%f : tensor<5x7xf32>) -> tensor<5x7xf32>
  return %r : tensor<5x7xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#swap4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3, d2)>

// The right matrices, of a batch whose axes were joined behind the swap, are transposed as they are packed.
// CHECK-LABEL: func.func @right(
// CHECK-SAME: %[[X:.*]]: tensor<6x4x8xf32>, %[[Y:.*]]: tensor<2x3x5x8xf32>
// CHECK: %[[P:.*]] = kern.run @[[PACK:k[0-9]+.pack_panels]] ins(%[[Y]],
// CHECK: kern.run @[[PLAIN:k[0-9]+.contraction]] ins(%[[X]], %[[P]],
// CHECK: kern.kernel @[[PACK]] {{.*}}transposed
// CHECK: kern.kernel @[[PLAIN]]
// CHECK-NOT: transposed
// CHECK: }
func.func @right(%x: tensor<6x4x8xf32>, %y: tensor<2x3x5x8xf32>) -> tensor<6x4x5xf32> attributes {graph.entry = 0 : i64} {
  %e = tensor.empty() : tensor<2x3x8x5xf32>
  %t = linalg.generic {indexing_maps = [#swap4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y : tensor<2x3x5x8xf32>) outs(%e : tensor<2x3x8x5xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2x3x8x5xf32>
  %j = tensor.collapse_shape %t [[0, 1], [2], [3]] : tensor<2x3x8x5xf32> into tensor<6x8x5xf32>
  %zero = arith.constant 0.0 : f32
  %c = tensor.empty() : tensor<6x4x5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%c : tensor<6x4x5xf32>) -> tensor<6x4x5xf32>
  %r = linalg.batch_matmul ins(%x, %j : tensor<6x4x8xf32>, tensor<6x8x5xf32>) outs(%f : tensor<6x4x5xf32>) -> tensor<6x4x5xf32>
  return %r : tensor<6x4x5xf32>
}
