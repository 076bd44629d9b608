// RUN: graphc-opt %s --form-groups --canonicalize | FileCheck %s
// Each contraction has a kernel that knows its sizes; weights that only contractions read become panels.

#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (n)>

// CHECK: kern.parameter @w1 : tensor<64x128xf32> stored tensor<8x64x16xf32> layout "panels"
kern.parameter @w1 : tensor<64x128xf32> stored tensor<64x128xf32> layout "rows" init "none"(0.0, 0.0)
// CHECK: kern.parameter @w2 : tensor<128x10xf32> stored tensor<1x128x16xf32> layout "panels"
kern.parameter @w2 : tensor<128x10xf32> stored tensor<128x10xf32> layout "rows" init "none"(0.0, 0.0)
// CHECK: kern.parameter @both : tensor<10x10xf32> stored tensor<10x10xf32> layout "rows"
kern.parameter @both : tensor<10x10xf32> stored tensor<10x10xf32> layout "rows" init "none"(0.0, 0.0)

// CHECK-LABEL: func.func @two_layers
// CHECK-NOT: linalg
// CHECK: %[[H:.*]] = kern.run @k0.contraction ins(%arg0, {{.*}} : tensor<36x64xf32>, tensor<8x64x16xf32>, tensor<128xf32>, index, index, index, index)
// CHECK: kern.run @k1.contraction ins(%[[H]], {{.*}} : tensor<36x128xf32>, tensor<1x128x16xf32>, tensor<10xf32>, index, index, index, index)
// CHECK-NOT: linalg
func.func @two_layers(%x: tensor<36x64xf32>, %b: tensor<128xf32>, %c: tensor<10xf32>) -> tensor<36x10xf32> attributes {graph.entry = 0 : i64} {
  %zero = arith.constant 0.0 : f32
  %w1 = kern.read_parameter @w1 : tensor<64x128xf32>
  %w2 = kern.read_parameter @w2 : tensor<128x10xf32>
  %e1 = tensor.empty() : tensor<36x128xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<36x128xf32>) -> tensor<36x128xf32>
  %m1 = linalg.matmul ins(%x, %w1 : tensor<36x64xf32>, tensor<64x128xf32>) outs(%f1 : tensor<36x128xf32>) -> tensor<36x128xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%m1, %b : tensor<36x128xf32>, tensor<128xf32>) outs(%e1 : tensor<36x128xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<36x128xf32>
  %e2 = tensor.empty() : tensor<36x10xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<36x10xf32>) -> tensor<36x10xf32>
  %m2 = linalg.matmul ins(%y1, %w2 : tensor<36x128xf32>, tensor<128x10xf32>) outs(%f2 : tensor<36x10xf32>) -> tensor<36x10xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%m2, %c : tensor<36x10xf32>, tensor<10xf32>) outs(%e2 : tensor<36x10xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<36x10xf32>
  return %y2 : tensor<36x10xf32>
}

// A matrix that is also a left-hand side keeps its rows and is packed by a run of its own.
// CHECK-LABEL: func.func @square
// CHECK: %[[P:.*]] = kern.run @k2.pack_panels ins(%[[B:[0-9a-z]+]], {{.*}} : tensor<10x10xf32>, index, index, index) outs({{.*}}) -> tensor<1x10x16xf32>
// CHECK: kern.run @k3.contraction ins(%[[B]], %[[P]], {{.*}}) outs({{.*}}) -> tensor<10x10xf32>
func.func @square() -> tensor<10x10xf32> attributes {graph.entry = 1 : i64} {
  %zero = arith.constant 0.0 : f32
  %w = kern.read_parameter @both : tensor<10x10xf32>
  %e = tensor.empty() : tensor<10x10xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<10x10xf32>) -> tensor<10x10xf32>
  %m = linalg.matmul ins(%w, %w : tensor<10x10xf32>, tensor<10x10xf32>) outs(%f : tensor<10x10xf32>) -> tensor<10x10xf32>
  return %m : tensor<10x10xf32>
}

// Dims that no operand separates are one dim (120 elements); size-1 dims are dropped.
// CHECK-LABEL: func.func @elementwise
// CHECK-DAG: %[[C120:.*]] = arith.constant 120 : index
// CHECK: kern.run @k4.elementwise ins(%arg0, %[[C120]] : tensor<4x1x30xf32>, index) outs({{.*}}) {inplace = array<i64: 0, 0>} -> tensor<4x1x30xf32>
func.func @elementwise(%x: tensor<4x1x30xf32>) -> tensor<4x1x30xf32> attributes {graph.entry = 2 : i64} {
  %e = tensor.empty() : tensor<4x1x30xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<4x1x30xf32>) outs(%e : tensor<4x1x30xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.mulf %p, %p : f32
    linalg.yield %s : f32
  } -> tensor<4x1x30xf32>
  return %y : tensor<4x1x30xf32>
}

// Only the index is wanted of the two accumulators.
// CHECK-LABEL: func.func @last_max
// CHECK: kern.run @k5.reduction ins(%arg0, {{.*}} : tensor<7x10xf32>, index, index) outs({{.*}} : tensor<7xi32>) -> tensor<7xi32>
func.func @last_max(%x: tensor<7x10xf32>) -> tensor<7xi32> attributes {graph.entry = 3 : i64} {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<7xf32>
  %i = tensor.empty() : tensor<7xi32>
  %f = linalg.fill ins(%low : f32) outs(%e : tensor<7xf32>) -> tensor<7xf32>
  %g = linalg.fill ins(%zero : i32) outs(%i : tensor<7xi32>) -> tensor<7xi32>
  %r:2 = linalg.generic {indexing_maps = [#id, affine_map<(m, n) -> (m)>, affine_map<(m, n) -> (m)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<7x10xf32>) outs(%f, %g : tensor<7xf32>, tensor<7xi32>) {
  ^bb0(%v: f32, %best: f32, %at: i32):
    %n = linalg.index 1 : index
    %k = arith.index_cast %n : index to i32
    %c = arith.cmpf oge, %v, %best : f32
    %b = arith.select %c, %v, %best : f32
    %a = arith.select %c, %k, %at : i32
    linalg.yield %b, %a : f32, i32
  } -> (tensor<7xf32>, tensor<7xi32>)
  return %r#1 : tensor<7xi32>
}

// CHECK: kern.kernel @k0.contraction "contraction" [#{{.*}}] attributes {batched = array<i1: false, false>, known = array<i64: 1, 36, 128, 64>}
// CHECK: kern.kernel @k5.reduction "reduction" [{{.*}}] attributes {inits = [0xFF800000 : f32, 0 : i32], reduced = array<i64: 1>, stored = array<i64: 1>}
