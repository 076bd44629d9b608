// Contractions and what lies between them in 16 bits; sums, what mixes with f32, and borders stay f32. What is called is cloned, so others
// see it as it was.
// RUN: graphc-opt %s -narrow-precision -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @between(%arg0: tensor<8x4xf32>)
// CHECK-NOT: graph.precision
// CHECK-DAG: %[[x:.*]] = graph.cast %arg0 {dtype = bf16}
// CHECK-DAG: %[[w:.*]] = graph.read_parameter @w
// CHECK-DAG: %[[wn:.*]] = graph.cast %[[w]] {dtype = bf16}
// CHECK-DAG: %[[b:.*]] = graph.read_parameter @b
// CHECK-DAG: %[[bn:.*]] = graph.cast %[[b]] {dtype = bf16}
// CHECK: %[[y:.*]] = graph.matmul %[[x]], %[[wn]] : tensor<8x4xbf16>, tensor<4x4xbf16>
// CHECK: %[[s:.*]] = graph.add %[[y]], %[[bn]] : tensor<8x4xbf16>, tensor<4xbf16>
// CHECK: %[[r:.*]] = graph.relu %[[s]] : tensor<8x4xbf16>
// CHECK: %[[z:.*]] = graph.matmul %[[r]], %[[wn]] : tensor<8x4xbf16>, tensor<4x4xbf16>
// The last bias leads to no contraction.
// CHECK: %[[zw:.*]] = graph.cast %[[z]] {dtype = f32}
// CHECK: %[[out:.*]] = graph.add %[[zw]], %[[b]] : tensor<8x4xf32>, tensor<4xf32>
// CHECK: return %[[out]] : tensor<8x4xf32>
graph.parameter @w : tensor<4x4xf32> init "constant"(0.0, 0.0)
graph.parameter @b : tensor<4xf32> init "constant"(0.0, 0.0)
func.func @between(%x: tensor<8x4xf32>) -> tensor<8x4xf32> attributes {graph.precision = "bf16"} {
  %w = graph.read_parameter @w : tensor<4x4xf32>
  %b = graph.read_parameter @b : tensor<4xf32>
  %y = graph.matmul %x, %w : tensor<8x4xf32>, tensor<4x4xf32>
  %s = graph.add %y, %b : tensor<8x4xf32>, tensor<4xf32>
  %r = graph.relu %s : tensor<8x4xf32>
  %z = graph.matmul %r, %w : tensor<8x4xf32>, tensor<4x4xf32>
  %o = graph.add %z, %b : tensor<8x4xf32>, tensor<4xf32>
  return %o : tensor<8x4xf32>
}

// -----

// A residual stream that begins in f32 stays f32; exp leaves the range of f16; a sum is f32.
// CHECK-LABEL: func.func @wide(
// CHECK: %[[y:.*]] = graph.matmul {{.*}} : tensor<8x4xf16>, tensor<4x4xf16>
// CHECK: %[[yw:.*]] = graph.cast %[[y]] {dtype = f32}
// CHECK: %[[r:.*]] = graph.add %arg0, %[[yw]] : tensor<8x4xf32>
// CHECK: %[[e:.*]] = graph.exp %[[yw]] : tensor<8x4xf32>
// CHECK: %[[m:.*]] = graph.mean %[[e]]
// CHECK: %[[d:.*]] = graph.sub %[[r]], %[[m]] : tensor<8x4xf32>, tensor<8x1xf32>
// CHECK: %[[dn:.*]] = graph.cast %[[d]] {dtype = f16}
// CHECK: graph.matmul %[[dn]], {{.*}} : tensor<8x4xf16>, tensor<4x4xf16>
func.func @wide(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> tensor<8x4xf32> attributes {graph.precision = "f16"} {
  %y = graph.matmul %x, %w : tensor<8x4xf32>, tensor<4x4xf32>
  %r = graph.add %x, %y : tensor<8x4xf32>, tensor<8x4xf32>
  %e = graph.exp %y : tensor<8x4xf32>
  %m = graph.mean %e {axis = array<i64: 1>, keep_dims = true} : tensor<8x4xf32>
  %d = graph.sub %r, %m : tensor<8x4xf32>, tensor<8x1xf32>
  %z = graph.matmul %d, %w : tensor<8x4xf32>, tensor<4x4xf32>
  return %z : tensor<8x4xf32>
}

// -----

// CHECK-LABEL: func.func @step(
// CHECK: graph.derivative "vjp" @loss.bf16(
// An optimizer's own contraction is none of it.
// CHECK: graph.matmul {{.*}} : tensor<4x4xf32>, tensor<4x4xf32>
// CHECK-LABEL: func.func private @loss(
// CHECK: graph.call @net(
// CHECK-LABEL: func.func private @loss.bf16(
// CHECK: graph.call @net.bf16(
// CHECK-LABEL: func.func private @net(
// CHECK: graph.matmul {{.*}} : tensor<8x4xf32>, tensor<4x4xf32>
// CHECK-LABEL: func.func private @net.bf16(
// CHECK: graph.matmul {{.*}} : tensor<8x4xbf16>, tensor<4x4xbf16>
// CHECK-LABEL: func.func @predict(
// CHECK: graph.call @net(
func.func @step(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>, %ct: tensor<f32>) -> tensor<4x4xf32> attributes {graph.precision = "bf16"} {
  %l, %d = graph.derivative "vjp" @loss(%x, %w, %ct) wrt [1] of [0] params [] : (tensor<8x4xf32>, tensor<4x4xf32>, tensor<f32>) -> (tensor<f32>, tensor<4x4xf32>)
  %o = graph.matmul %d, %d : tensor<4x4xf32>, tensor<4x4xf32>
  return %o : tensor<4x4xf32>
}
func.func private @loss(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> tensor<f32> {
  %y = graph.call @net(%x, %w) : (tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<8x4xf32>
  %l = graph.sum %y {axis = array<i64: 0, 1>} : tensor<8x4xf32>
  return %l : tensor<f32>
}
func.func private @net(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> tensor<8x4xf32> {
  %y = graph.matmul %x, %w : tensor<8x4xf32>, tensor<4x4xf32>
  return %y : tensor<8x4xf32>
}
func.func @predict(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> tensor<8x4xf32> {
  %y = graph.call @net(%x, %w) : (tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<8x4xf32>
  return %y : tensor<8x4xf32>
}
