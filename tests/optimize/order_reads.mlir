// A read of a param gets its place (`state`) where the function goes on behind a write of it, or hands out what it read.
// RUN: graphc-opt %s -order-reads -split-input-file | FileCheck %s

graph.parameter @w : tensor<4xf32> init "constant"(0.0, 0.0)
graph.parameter @v : tensor<4xf32> init "constant"(0.0, 0.0)

// A step alone writes last.
// CHECK-LABEL: func.func @step(
// CHECK: graph.read_parameter @w : tensor<4xf32>
// CHECK: graph.read_parameter @v : tensor<4xf32>
func.func @step(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = graph.read_parameter @w : tensor<4xf32>
  %v = graph.read_parameter @v : tensor<4xf32>
  %y = graph.add %w, %x : tensor<4xf32>, tensor<4xf32>
  %z = graph.add %v, %y : tensor<4xf32>, tensor<4xf32>
  graph.write_parameter @w, %y : tensor<4xf32>
  graph.write_parameter @v, %z : tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func.func @goes_on(
// CHECK: graph.read_parameter @w {state}
// CHECK: graph.read_parameter @v : tensor<4xf32>
// CHECK: graph.write_parameter @w
// CHECK: graph.read_parameter @w {state}
func.func @goes_on(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = graph.read_parameter @w : tensor<4xf32>
  %v = graph.read_parameter @v : tensor<4xf32>
  %y = graph.add %w, %v : tensor<4xf32>, tensor<4xf32>
  graph.write_parameter @w, %y : tensor<4xf32>
  %next = graph.read_parameter @w : tensor<4xf32>
  %z = graph.add %next, %y : tensor<4xf32>, tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func.func @hands_out(
// CHECK: graph.read_parameter @w {state}
func.func @hands_out(%x: tensor<4xf32>) -> tensor<2x2xf32> {
  %w = graph.read_parameter @w : tensor<4xf32>
  %old = graph.reshape %w {shape = #graph.shape<() -> (2, 2)>} : tensor<4xf32>
  graph.write_parameter @w, %x : tensor<4xf32>
  return %old : tensor<2x2xf32>
}

// The second write reads what the first has changed.
// CHECK-LABEL: func.func @exchange(
// CHECK: graph.read_parameter @w {state}
// CHECK: graph.read_parameter @v : tensor<4xf32>
func.func @exchange() {
  %w = graph.read_parameter @w : tensor<4xf32>
  %v = graph.read_parameter @v : tensor<4xf32>
  graph.write_parameter @w, %v : tensor<4xf32>
  graph.write_parameter @v, %w : tensor<4xf32>
  return
}

// A call writes, too.
// CHECK-LABEL: func.func @by_call(
// CHECK: graph.read_parameter @w {state}
// CHECK: graph.call @step
func.func @by_call(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = graph.read_parameter @w : tensor<4xf32>
  %y = graph.call @step(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %z = graph.add %w, %y : tensor<4xf32>, tensor<4xf32>
  return %z : tensor<4xf32>
}

// What is read twice is read once if only others are written between.
// CHECK-LABEL: func.func @reads_again(
// CHECK: %[[W:.*]] = graph.read_parameter @w {state}
// CHECK: graph.write_parameter @v
// CHECK-NOT: graph.read_parameter
// CHECK: graph.mul %[[W]], %{{.*}}
// CHECK: graph.write_parameter @w
// CHECK: %[[NEXT:.*]] = graph.read_parameter @w {state}
// CHECK: graph.add %[[NEXT]], %[[W]]
func.func @reads_again(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = graph.read_parameter @w : tensor<4xf32>
  %y = graph.add %w, %x : tensor<4xf32>, tensor<4xf32>
  graph.write_parameter @v, %y : tensor<4xf32>
  %again = graph.read_parameter @w : tensor<4xf32>
  %z = graph.mul %again, %y : tensor<4xf32>, tensor<4xf32>
  graph.write_parameter @w, %z : tensor<4xf32>
  %next = graph.read_parameter @w : tensor<4xf32>
  %old = graph.add %next, %again : tensor<4xf32>, tensor<4xf32>
  return %old : tensor<4xf32>
}
