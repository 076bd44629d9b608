// Row groups: reductions along one dim and the elementwise work around them are one run, found by structure.
// RUN: graphc-opt %s --form-groups --canonicalize | FileCheck %s

#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
#keep = affine_map<(m, n) -> (m, 0)>
#column = affine_map<(m, n) -> (n)>
#one = affine_map<(m) -> (m)>

// The mean through a reshape that adds a size of 1, work ahead (a residual), behind (scale) and per row: one kernel, one run. The
// sum that is wanted twice is an output; inputs may lie in it, for later sweeps read it from there.
// CHECK-LABEL: func.func @normal
// CHECK: %[[Y:.*]]:2 = kern.run @k0.rows ins(%arg0, %arg1, %arg2, {{.*}} : tensor<6x20xf32>, tensor<6x20xf32>, tensor<20xf32>, index, index)
// CHECK-SAME: {inplace = array<i64: 0, 0, 0, 1, 1, 0, 1, 1>}
// CHECK-NEXT: return %[[Y]]#0, %[[Y]]#1
func.func @normal(%x: tensor<6x20xf32>, %r: tensor<6x20xf32>, %scale: tensor<20xf32>) -> (tensor<6x20xf32>, tensor<6x20xf32>) attributes {graph.entry = 0 : i64} {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 20.0 : f32
  %e = tensor.empty() : tensor<6x20xf32>
  %k = tensor.empty() : tensor<6xf32>
  %f = linalg.fill ins(%zero : f32) outs(%k : tensor<6xf32>) -> tensor<6xf32>
  %s = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %r : tensor<6x20xf32>, tensor<6x20xf32>) outs(%e : tensor<6x20xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<6x20xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%s : tensor<6x20xf32>) outs(%f : tensor<6xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  } -> tensor<6xf32>
  %m = linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%t : tensor<6xf32>) outs(%k : tensor<6xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.divf %a, %n : f32
    linalg.yield %0 : f32
  } -> tensor<6xf32>
  %m1 = tensor.expand_shape %m [[0, 1]] output_shape [6, 1] : tensor<6xf32> into tensor<6x1xf32>
  %y = linalg.generic {indexing_maps = [#id, #keep, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s, %m1, %scale : tensor<6x20xf32>, tensor<6x1xf32>, tensor<20xf32>) outs(%e : tensor<6x20xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    %1 = arith.mulf %0, %c : f32
    linalg.yield %1 : f32
  } -> tensor<6x20xf32>
  return %s, %y : tensor<6x20xf32>, tensor<6x20xf32>
}

// What the reduction gives goes through an op that no row group holds, and comes back: the elementwise op that reads both stays
// outside. One reduction alone is no row group.
// CHECK-LABEL: func.func @around
// CHECK: kern.run @{{.*}}.reduction
// CHECK: kern.run @{{.*}}.loops
// CHECK: kern.run @{{.*}}.elementwise
func.func @around(%x: tensor<6x20xf32>) -> tensor<6x20xf32> attributes {graph.entry = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6x20xf32>
  %k = tensor.empty() : tensor<6xf32>
  %f = linalg.fill ins(%zero : f32) outs(%k : tensor<6xf32>) -> tensor<6xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<6x20xf32>) outs(%f : tensor<6xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  } -> tensor<6xf32>
  %six = arith.constant 6 : index
  %g = graph.loops ins(%t : tensor<6xf32>) sizes(%six) outs(%k : tensor<6xf32>) {
  ^bb0(%in: memref<1099511627776xf32>, %size: index, %out: memref<1099511627776xf32>):
    %i = arith.constant 0 : index
    %0 = memref.load %in[%i] : memref<1099511627776xf32>
    memref.store %0, %out[%i] : memref<1099511627776xf32>
  } -> tensor<6xf32>
  %y = linalg.generic {indexing_maps = [#id, #row, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %t, %g : tensor<6x20xf32>, tensor<6xf32>, tensor<6xf32>) outs(%e : tensor<6x20xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    %1 = arith.mulf %0, %c : f32
    linalg.yield %1 : f32
  } -> tensor<6x20xf32>
  return %y : tensor<6x20xf32>
}

// The sums of rows read along columns: each needs all rows first, which is no work per row.
// CHECK-LABEL: func.func @turned
// CHECK: kern.run @{{.*}}.reduction
// CHECK: kern.run @{{.*}}.elementwise
func.func @turned(%x: tensor<20x20xf32>) -> tensor<20x20xf32> attributes {graph.entry = 2 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<20x20xf32>
  %k = tensor.empty() : tensor<20xf32>
  %f = linalg.fill ins(%zero : f32) outs(%k : tensor<20xf32>) -> tensor<20xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<20x20xf32>) outs(%f : tensor<20xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  } -> tensor<20xf32>
  %y = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %t : tensor<20x20xf32>, tensor<20xf32>) outs(%e : tensor<20x20xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<20x20xf32>
  return %y : tensor<20x20xf32>
}

// The exponential is kept in the output, so only what is read no later may lie there.
// CHECK-LABEL: func.func @kept
// CHECK: kern.run @{{.*}}.rows ins(%arg0, %arg1, {{.*}}) outs({{.*}}) {inplace = array<i64: 0, 0>}
func.func @kept(%x: tensor<6x20xf32>, %w: tensor<6x20xf32>) -> tensor<6x20xf32> attributes {graph.entry = 3 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6x20xf32>
  %k = tensor.empty() : tensor<6xf32>
  %f = linalg.fill ins(%zero : f32) outs(%k : tensor<6xf32>) -> tensor<6xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<6x20xf32>) outs(%e : tensor<6x20xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  } -> tensor<6x20xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%p : tensor<6x20xf32>) outs(%f : tensor<6xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  } -> tensor<6xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p, %w, %t : tensor<6x20xf32>, tensor<6x20xf32>, tensor<6xf32>) outs(%e : tensor<6x20xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %0 = arith.mulf %a, %c : f32
    %1 = arith.mulf %0, %b : f32
    linalg.yield %1 : f32
  } -> tensor<6x20xf32>
  return %y : tensor<6x20xf32>
}
