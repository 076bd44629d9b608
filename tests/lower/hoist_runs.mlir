// RUN: graphc-opt %s --outline-control --lower-graph-ops --canonicalize --fuse-elementwise --form-groups --hoist-runs --canonicalize | FileCheck %s
// What no turn changes is made once, before the loop: out of both loops, if it may. What depends on a turn stays.

graph.parameter @w : tensor<4x4xf32> init "none" (0.0, 0.0)

// CHECK-LABEL: func.func @captured(
// CHECK-SAME: %[[H:[a-z0-9]+]]: tensor<2x4xf32> {{.*}}, %[[M:[a-z0-9]+]]: tensor<4x4xf32>
// CHECK: %[[P:.*]] = kern.run @k0.pack_panels ins(%[[M]], {{.*}} -> tensor<1x4x16xf32>
// CHECK: kern.run @captured.while ins(%[[H]], %[[M]], %[[P]] : tensor<2x4xf32>, tensor<4x4xf32>, tensor<1x4x16xf32>)
// CHECK-LABEL: func.func private @captured.condition(
// CHECK-SAME: tensor<1x4x16xf32>) -> (tensor<i8>
// CHECK-LABEL: func.func private @captured.body(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<2x4xf32> {{.*}}, %[[Q:[a-z0-9]+]]: tensor<1x4x16xf32>)
// CHECK-NOT: pack_panels
// CHECK: kern.run @k1.contraction ins(%[[X]], %[[Q]],
func.func @captured(%h: tensor<2x4xf32>, %m: tensor<4x4xf32>) -> (tensor<2x4xf32>, tensor<i64>) attributes {graph.entry = 0 : i64} {
  %y, %turns = graph.while @captured.condition @captured.body carry(%h) captures(%m) limit <() -> (9)> {stop}
      : (tensor<2x4xf32>, tensor<4x4xf32>) -> (tensor<2x4xf32>, tensor<i64>)
  return %y, %turns : tensor<2x4xf32>, tensor<i64>
}
func.func private @captured.condition(%h: tensor<2x4xf32>, %m: tensor<4x4xf32>) -> tensor<i1> {
  %one = graph.constant dense<1.0> : tensor<f32>
  %s = graph.sum %h : tensor<2x4xf32>
  %c = graph.less %s, %one : tensor<f32>, tensor<f32>
  return %c : tensor<i1>
}
func.func private @captured.body(%h: tensor<2x4xf32>, %m: tensor<4x4xf32>) -> tensor<2x4xf32> {
  %y = graph.matmul %h, %m : tensor<2x4xf32>, tensor<4x4xf32>
  return %y : tensor<2x4xf32>
}

// A param that one product reads as it is and one in the inner loop transposed.
// CHECK-LABEL: func.func @nested(
// CHECK: kern.run @k0.pack_panels
// CHECK: kern.run @k4.pack_panels
// CHECK: kern.run @nested.scan
// CHECK-LABEL: func.func private @nested.body(
// CHECK-NOT: pack_panels
// CHECK: return
// CHECK-LABEL: func.func private @nested.inner(
// CHECK-NOT: pack_panels
// CHECK: kern.run @k1.contraction
func.func @nested(%h: tensor<2x4xf32>) -> tensor<2x4xf32> attributes {graph.entry = 1 : i64} {
  %y = graph.scan @nested.body carry(%h) over() captures() length <() -> (3)> : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
func.func private @nested.body(%h: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = graph.read_parameter @w : tensor<4x4xf32>
  %a = graph.matmul %h, %w : tensor<2x4xf32>, tensor<4x4xf32>
  %y = graph.scan @nested.inner carry(%a) over() captures() length <() -> (5)> : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
func.func private @nested.inner(%h: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = graph.read_parameter @w : tensor<4x4xf32>
  %y = graph.matmul %h, %w {transpose_b = true} : tensor<2x4xf32>, tensor<4x4xf32>
  return %y : tensor<2x4xf32>
}
