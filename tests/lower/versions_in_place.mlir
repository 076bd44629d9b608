// RUN: graphc-opt %s --outline-control --lower-graph-ops --canonicalize --fuse-elementwise --form-groups --canonicalize --make-borders --eliminate-empty-tensors --one-shot-bufferize --canonicalize --place-parts | FileCheck %s
// A sum that goes along with all calls of a recursion lies in one place: each version is made in the output, which may be the
// input, and the end of the recursion, which hands it on, copies it only if it is not there already. A value that is read
// again when its next version is there keeps a place of its own.

graph.parameter @w : tensor<8xf32> init "none" (0.0, 0.0)

// CHECK-LABEL: func.func private @total.if.body(
// CHECK-SAME: graph.inplace = 2 : i64
func.func private @total(%n: tensor<i32>, %sum: tensor<100x8xf32>) -> tensor<100x8xf32> attributes {graph.max_depth = 9 : i64} {
  %one = graph.constant dense<1> : tensor<i32>
  %end = graph.less %n, %one : tensor<i32>, tensor<i32>
  %y = graph.if @total.then @total.else(%end, %n, %sum) : (tensor<i1>, tensor<i32>, tensor<100x8xf32>) -> tensor<100x8xf32>
  return %y : tensor<100x8xf32>
}
// CHECK-LABEL: func.func private @total.then.body(
// CHECK: scf.if
// CHECK-NEXT: kern.run
func.func private @total.then(%n: tensor<i32>, %sum: tensor<100x8xf32>) -> tensor<100x8xf32> {
  return %sum : tensor<100x8xf32>
}
// CHECK-LABEL: func.func private @total.else.body(
// CHECK-NOT: memref.alloc() : memref<100x8xf32>
// CHECK: return
func.func private @total.else(%n: tensor<i32>, %sum: tensor<100x8xf32>) -> tensor<100x8xf32> {
  %one = graph.constant dense<1> : tensor<i32>
  %next = graph.sub %n, %one : tensor<i32>, tensor<i32>
  %w = graph.read_parameter @w : tensor<8xf32>
  %a = graph.call @total(%next, %sum) : (tensor<i32>, tensor<100x8xf32>) -> tensor<100x8xf32>
  %b = graph.scatter_add %a, %n, %w : tensor<100x8xf32>, tensor<i32>, tensor<8xf32>
  %c = graph.call @total(%next, %b) : (tensor<i32>, tensor<100x8xf32>) -> tensor<100x8xf32>
  return %c : tensor<100x8xf32>
}

// CHECK-LABEL: func.func private @kept.if.body(
// CHECK-NOT: graph.inplace
// CHECK-LABEL: func.func private @kept.then.body(
// CHECK-SAME: graph.inplace = 1 : i64
// CHECK-LABEL: func.func private @kept.else.body(
// CHECK-NOT: graph.inplace
// CHECK: return
func.func private @kept(%n: tensor<i32>, %sum: tensor<100x8xf32>) -> (tensor<100x8xf32>, tensor<f32>) attributes {graph.max_depth = 9 : i64} {
  %one = graph.constant dense<1> : tensor<i32>
  %end = graph.less %n, %one : tensor<i32>, tensor<i32>
  %y:2 = graph.if @kept.then @kept.else(%end, %n, %sum) : (tensor<i1>, tensor<i32>, tensor<100x8xf32>) -> (tensor<100x8xf32>, tensor<f32>)
  return %y#0, %y#1 : tensor<100x8xf32>, tensor<f32>
}
func.func private @kept.then(%n: tensor<i32>, %sum: tensor<100x8xf32>) -> (tensor<100x8xf32>, tensor<f32>) {
  %s = graph.sum %sum : tensor<100x8xf32>
  return %sum, %s : tensor<100x8xf32>, tensor<f32>
}
func.func private @kept.else(%n: tensor<i32>, %sum: tensor<100x8xf32>) -> (tensor<100x8xf32>, tensor<f32>) {
  %one = graph.constant dense<1> : tensor<i32>
  %next = graph.sub %n, %one : tensor<i32>, tensor<i32>
  %a:2 = graph.call @kept(%next, %sum) : (tensor<i32>, tensor<100x8xf32>) -> (tensor<100x8xf32>, tensor<f32>)
  %s = graph.sum %sum : tensor<100x8xf32>
  %t = graph.add %s, %a#1 : tensor<f32>, tensor<f32>
  return %a#0, %t : tensor<100x8xf32>, tensor<f32>
}
func.func @entry(%n: tensor<i32>, %x: tensor<100x8xf32>) -> (tensor<100x8xf32>, tensor<100x8xf32>) attributes {graph.entry = 0 : i64} {
  %y = graph.call @total(%n, %x) : (tensor<i32>, tensor<100x8xf32>) -> tensor<100x8xf32>
  %z:2 = graph.call @kept(%n, %x) : (tensor<i32>, tensor<100x8xf32>) -> (tensor<100x8xf32>, tensor<f32>)
  return %y, %z#0 : tensor<100x8xf32>, tensor<100x8xf32>
}
