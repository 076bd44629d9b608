// RUN: graphc-opt %s --outline-control --lower-graph-ops --canonicalize --fuse-elementwise --form-groups --hoist-runs --canonicalize | FileCheck %s
// What every call of a recursion makes anew of params and of arguments that it only hands on is made by who calls it
// from outside, once, and what is made of that, too; the branch that ends it counts. A matrix that changes from call to call is packed in each.

graph.parameter @w : tensor<4x4xf32> init "none" (0.0, 0.0)
graph.parameter @v : tensor<4x4xf32> init "none" (0.0, 0.0)

// CHECK-LABEL: func.func private @down.if(
// CHECK-SAME: tensor<1x4x16xf32>, %{{.*}}: tensor<1x4x16xf32>, %{{.*}}: tensor<4x4xf32>, %{{.*}}: tensor<1x4x16xf32>, %{{.*}}: tensor<1x4x16xf32>)
// CHECK-LABEL: func.func private @down(
// CHECK-NOT: pack_panels
// CHECK: return
// CHECK-LABEL: func.func private @down.then(
// CHECK-NOT: pack_panels
// CHECK: return
// CHECK-LABEL: func.func private @down.else(
// CHECK-COUNT-1: pack_panels
// CHECK-NOT: pack_panels
// CHECK: return
func.func private @down(%n: tensor<i32>, %x: tensor<2x4xf32>, %m: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<2x4xf32> attributes {graph.max_depth = 9 : i64} {
  %one = graph.constant dense<1> : tensor<i32>
  %end = graph.less %n, %one : tensor<i32>, tensor<i32>
  %y = graph.if @down.then @down.else(%end, %n, %x, %m, %c) : (tensor<i1>, tensor<i32>, tensor<2x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
func.func private @down.then(%n: tensor<i32>, %x: tensor<2x4xf32>, %m: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<2x4xf32> {
  %v = graph.read_parameter @v : tensor<4x4xf32>
  %y = graph.matmul %x, %v {transpose_b = true} : tensor<2x4xf32>, tensor<4x4xf32>
  return %y : tensor<2x4xf32>
}
func.func private @down.else(%n: tensor<i32>, %x: tensor<2x4xf32>, %m: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<2x4xf32> {
  %one = graph.constant dense<1> : tensor<i32>
  %next = graph.sub %n, %one : tensor<i32>, tensor<i32>
  %w = graph.read_parameter @w : tensor<4x4xf32>
  %a = graph.matmul %x, %w {transpose_b = true} : tensor<2x4xf32>, tensor<4x4xf32>
  %b = graph.matmul %a, %m : tensor<2x4xf32>, tensor<4x4xf32>
  %t = graph.tanh %m : tensor<4x4xf32>
  %b2 = graph.matmul %b, %t : tensor<2x4xf32>, tensor<4x4xf32>
  %d = graph.matmul %b2, %c : tensor<2x4xf32>, tensor<4x4xf32>
  %e = graph.tanh %c : tensor<4x4xf32>
  %y = graph.call @down(%next, %d, %m, %e) : (tensor<i32>, tensor<2x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
// CHECK-LABEL: func.func @entry(
// CHECK-COUNT-4: pack_panels
// CHECK-NOT: pack_panels
// CHECK: kern.run @down ins(
// CHECK-COUNT-4: pack_panels
// CHECK-NOT: pack_panels
// CHECK: kern.run @down ins(
func.func @entry(%n: tensor<i32>, %x: tensor<2x4xf32>, %m: tensor<4x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) attributes {graph.entry = 0 : i64} {
  %y = graph.call @down(%n, %x, %m, %m) : (tensor<i32>, tensor<2x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %z = graph.call @down(%n, %y, %m, %m) : (tensor<i32>, tensor<2x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  return %y, %z : tensor<2x4xf32>, tensor<2x4xf32>
}
