// What each op becomes: one linalg.generic for elementwise work, broadcasting by constant-0 map results; views around matmul.
// RUN: graphc-opt %s -lower-graph-ops | FileCheck %s

// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0, 0)>
// CHECK-DAG: #[[LAST:.*]] = affine_map<(d0, d1) -> (d1)>

// CHECK-LABEL: @broadcast
// CHECK: tensor.empty() : tensor<4x8xf32>
// CHECK: linalg.generic {indexing_maps = [#[[ROW]], #[[LAST]], #{{.*}}], iterator_types = ["parallel", "parallel"]}
// CHECK: arith.addf
// CHECK-NOT: graph.
func.func @broadcast(%a: tensor<4x1xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> attributes {graph.entry = 0 : i64} {
  %y = graph.add %a, %b : tensor<4x1xf32>, tensor<8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: @relu
// CHECK: arith.cmpf ogt, %[[ZERO:.*]], %[[X:.*]] : f32
// CHECK: arith.select %{{.*}}, %[[ZERO]], %[[X]]
func.func @relu(%x: tensor<f32>) -> tensor<f32> attributes {graph.entry = 1 : i64} {
  %y = graph.relu %x : tensor<f32>
  return %y : tensor<f32>
}

// CHECK-LABEL: @leading
// CHECK: tensor.collapse_shape %{{.*}} {{\[}}[0, 1], [2]] : tensor<2x3x5xf32> into tensor<6x5xf32>
// CHECK: linalg.fill
// CHECK: linalg.matmul {{.*}} -> tensor<6x4xf32>
// CHECK: tensor.expand_shape {{.*}} into tensor<2x3x4xf32>
func.func @leading(%a: tensor<2x3x5xf32>, %b: tensor<5x4xf32>) -> tensor<2x3x4xf32> attributes {graph.entry = 2 : i64} {
  %y = graph.matmul %a, %b : tensor<2x3x5xf32>, tensor<5x4xf32>
  return %y : tensor<2x3x4xf32>
}

// CHECK-LABEL: @vector
// CHECK: tensor.expand_shape {{.*}} into tensor<1x5xf32>
// CHECK: linalg.matmul {{.*}} -> tensor<1x4xf32>
// CHECK: tensor.collapse_shape {{.*}} into tensor<4xf32>
func.func @vector(%a: tensor<5xf32>, %b: tensor<5x4xf32>) -> tensor<4xf32> attributes {graph.entry = 3 : i64} {
  %y = graph.matmul %a, %b : tensor<5xf32>, tensor<5x4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: @stretched_batch
// CHECK: linalg.generic
// CHECK: tensor<3x2x5xf32>
// CHECK: linalg.batch_matmul {{.*}} -> tensor<3x2x4xf32>
func.func @stretched_batch(%a: tensor<2x5xf32>, %b: tensor<3x5x4xf32>) -> tensor<3x2x4xf32> attributes {graph.entry = 4 : i64} {
  %y = graph.matmul %a, %b : tensor<2x5xf32>, tensor<3x5x4xf32>
  return %y : tensor<3x2x4xf32>
}

// CHECK-LABEL: @softmax
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]
// CHECK: arith.cmpf ogt
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]
// CHECK: math.exp
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {graph.entry = 5 : i64} {
  %y = graph.softmax %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: @argmax
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]
// CHECK: arith.cmpf ogt
// CHECK: linalg.index 0
// CHECK: tensor.expand_shape {{.*}} into tensor<1x8xi64>
func.func @argmax(%x: tensor<4x8xf32>) -> tensor<1x8xi64> attributes {graph.entry = 6 : i64} {
  %y = graph.argmax %x {axis = 0 : i64, dtype = i64, keep_dims = true} : tensor<4x8xf32>
  return %y : tensor<1x8xi64>
}
