// Elementwise, rows, reduction and packing at x86-64-v3: eight lanes, masks at the end of a row, order as specified.
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

// Sweeps over a row: the largest of four vectors at once; exponentials, kept in the output, and their sum; the output scaled.
// CHECK-LABEL: func.func private @soft(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<1099511627776xf32>, %{{.*}}: index, %{{.*}}: index, %[[Y:[a-z0-9]+]]: memref
// CHECK: scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK-COUNT-4: vector.load %[[X]]
// CHECK: arith.cmpf ogt
// A lane past the end is left out by a mask: what it would have given may be anything.
// CHECK: vector.maskedload %[[X]]
// CHECK: arith.cmpf ogt
// CHECK: %[[LARGER:.*]] = arith.select
// CHECK: arith.select %{{.*}}, %[[LARGER]], %{{.*}} : vector<8xi1>, vector<8xf32>
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3] : vector<8xf32>
// CHECK: scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// What is less than the largest is never above 0.
// CHECK-COUNT-4: math.exp %{{.*}} {kern.never_positive} : vector<8xf32>
// CHECK-COUNT-4: vector.store %{{.*}}, %[[Y]]
// The sum of the lanes is a tree of halves.
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3] : vector<8xf32>
// CHECK: vector.shuffle {{.*}} [4, 5, 6, 7] : vector<8xf32>
// CHECK: arith.divf
// CHECK: scf.for
// CHECK: vector.load %[[Y]]
// CHECK-NOT: math.exp
// CHECK: return
kern.kernel @soft "rows" [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>] attributes {reduced = array<i64: 1>} {
^bb0(%x: f32):
  %one = arith.constant 1.0 : f32
  %m = kern.fold %x from 0xFF800000 : f32 {
  ^bb0(%best: f32, %e: f32):
    %c = arith.cmpf ogt, %e, %best : f32
    %0 = arith.select %c, %e, %best : f32
    kern.yield %0 : f32
  } : f32 -> f32
  %d = arith.subf %x, %m : f32
  %p = math.exp %d : f32
  %s = kern.fold %p from 0.0 : f32 {
  ^bb0(%sum: f32, %e: f32):
    %0 = arith.addf %sum, %e : f32
    kern.yield %0 : f32
  } : f32 -> f32
  %f = arith.divf %one, %s : f32
  %y = arith.mulf %p, %f : f32
  kern.yield %y : f32
}

// What is cheap is computed in both sweeps, from inputs; a row's scalar that is wanted outside is stored once per row.
// CHECK-LABEL: func.func private @centred(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<1099511627776xf32>, %[[R:[a-z0-9]+]]: memref{{.*}}: index, %{{.*}}: index, %[[Y:[a-z0-9]+]]: memref<{{.*}}>, %[[MEAN:[a-z0-9]+]]: memref
// CHECK: scf.for
// CHECK: scf.for
// CHECK-COUNT-4: arith.addf
// CHECK-NOT: vector.store
// CHECK: arith.divf
// CHECK: scf.for
// CHECK: arith.addf
// CHECK: arith.subf
// CHECK: vector.store %{{.*}}, %[[Y]]
// CHECK: memref.store %{{.*}}, %[[MEAN]]
kern.kernel @centred "rows" [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (b)>, affine_map<(a, b) -> (a, b)>,
                             affine_map<(a, b) -> (a)>] attributes {reduced = array<i64: 1>} {
^bb0(%x: f32, %r: f32):
  %n = arith.constant 7.0 : f32
  %v = arith.addf %x, %r : f32
  %s = kern.fold %v from 0.0 : f32 {
  ^bb0(%sum: f32, %e: f32):
    %0 = arith.addf %sum, %e : f32
    kern.yield %0 : f32
  } : f32 -> f32
  %m = arith.divf %s, %n : f32
  %y = arith.subf %v, %m : f32
  kern.yield %y, %m : f32, f32
}

// Rows across: lanes are neighbouring rows, the row is walked one by one, and nothing is folded over lanes.
// CHECK-LABEL: func.func private @across(
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>) {
// CHECK-NOT: vector.shuffle
// CHECK: vector.store
// CHECK: return
kern.kernel @across "rows" [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>] attributes {reduced = array<i64: 1>} {
^bb0(%x: f32):
  %s = kern.fold %x from 0.0 : f32 {
  ^bb0(%sum: f32, %e: f32):
    %0 = arith.addf %sum, %e : f32
    kern.yield %0 : f32
  } : f32 -> f32
  %y = arith.subf %x, %s : f32
  kern.yield %y : f32
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

// Sums of products whose last dim is kept: four vectors of accumulators along it, then one, then one under a mask; what has no such
// dim is one scalar for all of them.
// CHECK-LABEL: func.func private @product.part(
// CHECK: scf.for {{.*}} -> (vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>)
// CHECK-COUNT-4: arith.muli {{.*}} : vector<8xi32>
// CHECK-COUNT-4: vector.store
// CHECK: scf.for {{.*}} -> (vector<8xi32>)
// CHECK: vector.store
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
// CHECK: return
kern.kernel @product "reduction" [affine_map<(m, k, n) -> (m, k)>, affine_map<(m, k, n) -> (k, n)>, affine_map<(m, k, n) -> (m, n)>]
    attributes {reduced = array<i64: 1>, stored = array<i64: 0>, inits = [0 : i32]} {
^bb0(%x: i8, %w: i8, %sum: i32, %i: index, %j: index, %l: index):
  %0 = arith.extsi %x : i8 to i32
  %1 = arith.extsi %w : i8 to i32
  %2 = arith.muli %0, %1 : i32
  %3 = arith.addi %sum, %2 : i32
  kern.yield %3 : i32
}

// CHECK-LABEL: func.func private @pack(
// CHECK-COUNT-16: vector.load
// CHECK: vector.maskedload
kern.kernel @pack "pack_panels" [] {}
