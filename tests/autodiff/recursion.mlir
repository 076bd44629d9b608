// RUN: graphc-opt %s --expand-derivatives | FileCheck %s
// The way back of a function that calls itself. With max_calls, residuals lie on a tape that goes along with the calls,
// and so does a sum for each param; without, calls run again, and the sums go along alone. What is derived once more
// runs again, whatever max_calls says.

graph.parameter @w : tensor<4xf32> init "none" (0.0, 0.0)

func.func private @taped(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> attributes {graph.max_depth = 9 : i64, graph.max_calls = 50 : i64, graph.recursion = "taped"} {
  %one = graph.constant dense<1> : tensor<i32>
  %end = graph.less %n, %one : tensor<i32>, tensor<i32>
  %y = graph.if @taped.then @taped.else(%end, %n, %x) : (tensor<i1>, tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func private @taped.then(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func private @taped.else(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %one = graph.constant dense<1> : tensor<i32>
  %next = graph.sub %n, %one : tensor<i32>, tensor<i32>
  %a = graph.call @taped(%next, %x) : (tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  %b = graph.call @taped(%next, %a) : (tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  %w = graph.read_parameter @w : tensor<4xf32>
  %m = graph.mul %a, %w : tensor<4xf32>, tensor<4xf32>
  %y = graph.mul %m, %b : tensor<4xf32>, tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func private @again(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> attributes {graph.max_depth = 9 : i64, graph.recursion = "again"} {
  %one = graph.constant dense<1> : tensor<i32>
  %end = graph.less %n, %one : tensor<i32>, tensor<i32>
  %y = graph.if @again.then @again.else(%end, %n, %x) : (tensor<i1>, tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func private @again.then(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func private @again.else(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %one = graph.constant dense<1> : tensor<i32>
  %next = graph.sub %n, %one : tensor<i32>, tensor<i32>
  %a = graph.call @again(%next, %x) : (tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  %b = graph.call @again(%next, %a) : (tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  %w = graph.read_parameter @w : tensor<4xf32>
  %y = graph.mul %b, %w : tensor<4xf32>, tensor<4xf32>
  return %y : tensor<4xf32>
}

// No path calls it twice, so there are no more calls than levels.
func.func private @line(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> attributes {graph.max_depth = 9 : i64, graph.recursion = "line"} {
  %one = graph.constant dense<1> : tensor<i32>
  %end = graph.less %n, %one : tensor<i32>, tensor<i32>
  %y = graph.if @line.then @line.else(%end, %n, %x) : (tensor<i1>, tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func private @line.then(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func private @line.else(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %one = graph.constant dense<1> : tensor<i32>
  %next = graph.sub %n, %one : tensor<i32>, tensor<i32>
  %a = graph.call @line(%next, %x) : (tensor<i32>, tensor<4xf32>) -> tensor<4xf32>
  %y = graph.mul %a, %a : tensor<4xf32>, tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func.func @of_taped(
// CHECK: graph.call @taped.start.fwd(
// CHECK: graph.call @taped.start.bwd(
func.func @of_taped(%n: tensor<i32>, %x: tensor<4xf32>, %ct: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %y, %dx, %dw = graph.derivative "vjp" @taped(%n, %x, %ct) wrt [1] of [0] params ["w"] : (tensor<i32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  return %dx, %dw : tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @of_again(
// CHECK: graph.call @again(
// CHECK: graph.call @again.start.bwd(
func.func @of_again(%n: tensor<i32>, %x: tensor<4xf32>, %ct: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %y, %dx, %dw = graph.derivative "vjp" @again(%n, %x, %ct) wrt [1] of [0] params ["w"] : (tensor<i32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  return %dx, %dw : tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @of_line(
// CHECK: graph.call @line.start.fwd(
func.func @of_line(%n: tensor<i32>, %x: tensor<4xf32>, %ct: tensor<4xf32>) -> tensor<4xf32> {
  %y, %dx = graph.derivative "vjp" @line(%n, %x, %ct) wrt [1] of [0] params [] : (tensor<i32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %dx : tensor<4xf32>
}
// CHECK-LABEL: func.func private @inner(
// CHECK: graph.call @taped(
// CHECK: graph.call @taped.start.bwd{{.*}}(%arg0, %arg1, %{{.*}}) : (tensor<i32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
func.func private @inner(%n: tensor<i32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %y, %dx = graph.derivative "vjp" @taped(%n, %x, %x) wrt [1] of [0] params [] : (tensor<i32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %dx : tensor<4xf32>
}
func.func @second(%n: tensor<i32>, %x: tensor<4xf32>, %t: tensor<4xf32>) -> tensor<4xf32> {
  %y, %dy = graph.derivative "jvp" @inner(%n, %x, %t) wrt [1] of [0] params [] : (tensor<i32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %dy : tensor<4xf32>
}

// The forward half: the stacks and their height, which each call raises by one when its own calls are done.
// CHECK-LABEL: func.func private @taped.fwd(
// CHECK-SAME: tensor<i32>, %{{[a-z0-9]+}}: tensor<4xf32>, %{{[a-z0-9]+}}: tensor<50x4xf32>
// CHECK-SAME: graph.tape_calls = 50
// CHECK: graph.update_slice
// CHECK: graph.add
// CHECK: return
// The other half reads the row below, hands the tape on, and gives the height and the sum.
// CHECK-LABEL: func.func private @taped.bwd(
// CHECK: %[[AT:.*]] = graph.add
// CHECK: graph.gather %{{.*}}, %[[AT]]
// CHECK-NOT: graph.call @taped(
// CHECK: return
// CHECK-LABEL: func.func private @taped.else.bwd(
// CHECK: graph.call @taped.bwd(
// CHECK: graph.call @taped.bwd(
// CHECK-LABEL: func.func private @again.bwd(
// CHECK-SAME: %arg0: tensor<i32>, %arg1: tensor<4xf32>, %arg2: tensor<4xf32>, %arg3: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
// CHECK-LABEL: func.func private @again.else.fwd(
// CHECK: graph.call @again(
// CHECK-LABEL: func.func private @line.fwd(
// CHECK-SAME: tensor<9x4xf32>
// CHECK-SAME: graph.tape_calls = 9
