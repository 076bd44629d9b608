// The function of a contraction: arguments in kern.run's order, the level's attributes, the 12 x 2 tile of x86-64-v4.
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v4 --build-kernels | FileCheck %s

// Who calls it counts the units, and leaves them to layer.shared, which share-out defines; layer.part does some of them.
// CHECK-LABEL: func.func private @layer(
// CHECK: call @layer.shared(
// CHECK: func.func private @layer.shared({{.*}}) attributes {graph.share_out = @layer.part}
// CHECK-LABEL: func.func private @layer.part(
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<1099511627776xf32>, %[[B:[a-z0-9]+]]: memref<1099511627776xf32>, %[[BIAS:[a-z0-9]+]]: memref<1099511627776xf32>
// CHECK-SAME: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %[[C:[a-z0-9]+]]: memref<1099511627776xf32>, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index)
// CHECK-SAME: ["target-cpu", "x86-64-v4"], ["prefer-vector-width", "512"]
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<448xf32>
// A single row: eight vectors at once.
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> ({{(vector<16xf32>, ){7}vector<16xf32>}})
// The tile: 24 accumulators, two vectors of weights, twelve values of A.
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> ({{(vector<16xf32>, ){27}vector<16xf32>}})
// CHECK-COUNT-2: vector.load %[[B]]
// CHECK-COUNT-12: memref.load %[[A]]
// CHECK: scf.yield
// The epilogue: bias along the columns.
// CHECK: vector.load %[[BIAS]]
// CHECK: arith.addf %{{.*}} : vector<16xf32>
// CHECK: vector.store %{{.*}}, %[[C]]
// The partial panel stores under a mask.
// CHECK: vector.maskedload %[[BIAS]]
// CHECK: vector.maskedstore %[[C]]
// CHECK-NOT: kern.
kern.kernel @layer "contraction" [affine_map<(g, m, n) -> (n)>] attributes {batched = array<i1: false, false>} {
^bb0(%sum: f32, %bias: f32):
  %0 = arith.addf %sum, %bias : f32
  kern.yield %0 : f32
}

// Made in panels: the partial one is written as a whole, too, with zeros behind the last column.
// CHECK-LABEL: func.func private @panels.part(
// CHECK-SAME: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %[[P:[a-z0-9]+]]: memref<1099511627776xf32>, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index)
// CHECK-NOT: maskedstore
// CHECK: %[[KEPT:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<16xi1>, vector<16xf32>
// CHECK: vector.store %[[KEPT]], %[[P]]
// CHECK-NOT: maskedstore
// CHECK: return
kern.kernel @panels "contraction" [affine_map<(g, m, n) -> (n floordiv 16, m, n mod 16)>] attributes {batched = array<i1: false, false>} {
^bb0(%sum: f32):
  %one = arith.constant 1.0 : f32
  %0 = arith.addf %sum, %one : f32
  kern.yield %0 : f32
}
