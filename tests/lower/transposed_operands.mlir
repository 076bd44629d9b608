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

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>

// Columns a multiple of 4 KB apart are copied.
// CHECK-LABEL: func.func @columns_in_one_set(
// CHECK: %[[T:.*]] = kern.run @[[COPY:k[0-9]+.elementwise]] ins(%arg0,
// CHECK: kern.run @[[ROWS:k[0-9]+.contraction]] ins(%[[T]],
// CHECK: kern.kernel @[[ROWS]]
// CHECK-NOT: transposed
func.func @columns_in_one_set(%x: tensor<64x2048xf32>, %y: tensor<64x7xf32>) -> tensor<2048x7xf32> attributes {graph.entry = 0 : i64} {
  %e = tensor.empty() : tensor<2048x64xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<64x2048xf32>) outs(%e : tensor<2048x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<2048x64xf32>
  %zero = arith.constant 0.0 : f32
  %c = tensor.empty() : tensor<2048x7xf32>
  %f = linalg.fill ins(%zero : f32) outs(%c : tensor<2048x7xf32>) -> tensor<2048x7xf32>
  %r = linalg.matmul ins(%t, %y : tensor<2048x64xf32>, tensor<64x7xf32>) outs(%f : tensor<2048x7xf32>) -> tensor<2048x7xf32>
  return %r : tensor<2048x7xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
kern.parameter @w : tensor<128x48xf32> stored tensor<128x48xf32> layout "rows" init "none"(0.0, 0.0)

// dy W^T of a W in panels: W dy^T, whose left rows are runs of 16 elements in three panels; dy is packed, not W, and
// the mask of relu reads the result transposed.
// CHECK-LABEL: func.func @left_in_panels(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<16x128xf32>, %[[DY:[a-z0-9]+]]: tensor<16x48xf32>)
// CHECK: %[[W:.*]] = kern.read_parameter @w : tensor<3x128x16xf32>
// CHECK: %[[P:.*]] = kern.run @[[PACK:k[0-9]+.pack_panels]] ins(%[[DY]],
// CHECK: %[[T:.*]] = kern.run @[[PRODUCT:k[0-9]+.contraction]] ins(%[[W]], %[[P]],
// CHECK: kern.run @[[MASK:k[0-9]+.elementwise]] ins(%[[X]], %[[T]],
// CHECK: kern.kernel @[[PACK]] "pack_panels" {{.*}}transposed
// CHECK: kern.kernel @[[PRODUCT]] "contraction" {{.*}}known = array<i64: 1, 128, 16, 48, 2048, 16, 3, 2048, 16>, window_rank = 1
// CHECK: kern.kernel @[[MASK]] "elementwise" [#[[ID:.*]], #[[SWAP:.*]], #[[ID]]]
func.func @left_in_panels(%x: tensor<16x128xf32>, %dy: tensor<16x48xf32>) -> tensor<16x128xf32> attributes {graph.entry = 0 : i64} {
  %w = kern.read_parameter @w : tensor<128x48xf32>
  %zero = arith.constant 0.0 : f32
  %et = tensor.empty() : tensor<48x128xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<128x48xf32>) outs(%et : tensor<48x128xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<48x128xf32>
  %ex = tensor.empty() : tensor<16x128xf32>
  %fx = linalg.fill ins(%zero : f32) outs(%ex : tensor<16x128xf32>) -> tensor<16x128xf32>
  %dx = linalg.matmul ins(%dy, %t : tensor<16x48xf32>, tensor<48x128xf32>) outs(%fx : tensor<16x128xf32>) -> tensor<16x128xf32>
  %masked = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %dx : tensor<16x128xf32>, tensor<16x128xf32>) outs(%ex : tensor<16x128xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.cmpf ogt, %a, %zero : f32
    %s = arith.select %p, %b, %zero : f32
    linalg.yield %s : f32
  } -> tensor<16x128xf32>
  %ext = tensor.empty() : tensor<128x16xf32>
  %xt = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<16x128xf32>) outs(%ext : tensor<128x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<128x16xf32>
  %ew = tensor.empty() : tensor<128x48xf32>
  %fw = linalg.fill ins(%zero : f32) outs(%ew : tensor<128x48xf32>) -> tensor<128x48xf32>
  %g = linalg.matmul ins(%xt, %dy : tensor<128x16xf32>, tensor<16x48xf32>) outs(%fw : tensor<128x48xf32>) -> tensor<128x48xf32>
  %next = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%w, %g : tensor<128x48xf32>, tensor<128x48xf32>) outs(%ew : tensor<128x48xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.subf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<128x48xf32>
  kern.write_parameter @w, %next : tensor<128x48xf32>
  return %masked : tensor<16x128xf32>
}
