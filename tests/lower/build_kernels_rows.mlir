// Elementwise, softmax, reduction and packing at x86-64-v3: eight lanes, masks at the end of a row, order as specified.
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v3 --build-kernels | FileCheck %s

// CHECK-LABEL: func.func private @scale_add(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<1099511627776xf32>, %[[Y:[a-z0-9]+]]: memref<1099511627776xf32>, %[[S:[a-z0-9]+]]: memref<1099511627776xf32>, %{{.*}}: index, %{{.*}}: index, %[[OUT:[a-z0-9]+]]: memref
// Four vectors: all loads come before the stores; a stretched operand is one scalar in all lanes.
// CHECK: vector.load %[[X]]
// CHECK: %[[ONE:.*]] = memref.load %[[S]]
// CHECK: vector.broadcast %[[ONE]] : f32 to vector<8xf32>
// CHECK-COUNT-4: vector.store %{{.*}}, %[[OUT]]
// CHECK: vector.create_mask
// CHECK: vector.maskedload %[[X]]
// CHECK: vector.maskedstore %[[OUT]]
kern.kernel @scale_add "elementwise" [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (b)>, affine_map<(a, b) -> (a, 0)>,
                                      affine_map<(a, b) -> (a, b)>] {
^bb0(%x: f32, %y: f32, %s: f32):
  %0 = arith.mulf %x, %s : f32
  %1 = arith.addf %0, %y : f32
  kern.yield %1 : f32
}

// CHECK-LABEL: func.func private @softmax(
// CHECK: arith.cmpf ogt
// CHECK: math.exp %{{.*}} : vector<8xf32>
// The sum of the lanes is a tree of halves.
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3] : vector<8xf32>
// CHECK: vector.shuffle {{.*}} [4, 5, 6, 7] : vector<8xf32>
// CHECK: arith.divf
kern.kernel @softmax "softmax" [] attributes {inner_is_one} {
^bb0(%x: f32):
  kern.yield %x : f32
}

// Dim 0 is kept and outside, dim 1 is reduced in order; only the index is stored.
// CHECK-LABEL: func.func private @argmax(
// CHECK: scf.for
// CHECK: scf.for %[[J:[a-z0-9]+]] = {{.*}} -> (f32, i64)
// CHECK: arith.index_cast %[[J]]
// CHECK: memref.store %{{.*}} : memref<1099511627776xi64>
// CHECK-NOT: memref.store
// CHECK: return
kern.kernel @argmax "reduction" [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a)>]
    attributes {reduced = array<i64: 1>, stored = array<i64: 1>, inits = [0xFF800000 : f32, 0 : i64]} {
^bb0(%x: f32, %best: f32, %at: i64, %i: index, %j: index):
  %c = arith.cmpf ogt, %x, %best : f32
  %k = arith.index_cast %j : index to i64
  %0 = arith.select %c, %x, %best : f32
  %1 = arith.select %c, %k, %at : i64
  kern.yield %0, %1 : f32, i64
}

// CHECK-LABEL: func.func private @pack(
// CHECK-COUNT-16: vector.load
// CHECK: vector.maskedload
kern.kernel @pack "pack_panels" [] {}
