// Known columns that fill half a vector of 512 bits get vectors of 256, and no vector is computed that holds no column.
// RUN: graphc-opt %s --split-input-file --clone-levels=levels=x86-64-v4 --build-kernels | FileCheck %s
// RUN: graphc-opt %s --split-input-file --clone-levels=levels=x86-64-v3 --build-kernels | FileCheck %s

// Rows of a 5x5 kernel over an image of 6 channels, 6 filters. One vector per row of the tile.
// CHECK-LABEL: func.func private @convolution
// CHECK-NOT: vector<16xf32>
// CHECK: :10 = scf.for
// CHECK: vector.load {{.*}} vector<8xf32>
// CHECK-NOT: vector<16xf32>
// CHECK: return
kern.kernel @convolution "contraction" [] attributes {batched = array<i1: false, false>, window_rank = 2 : i64,
    known = array<i64: 10, 10, 6, 150, 10, 1176, 84, 6, 5, 1, 84, 6, 30>} {
^bb0(%sum: f32):
  kern.yield %sum : f32
}

// -----

// A row of its own, 8 columns: eight chains of one sum, joined as a tree, then the two k that are left.
// CHECK-LABEL: func.func private @lone.part
// CHECK: :8 = scf.for {{.*}} iter_args
// CHECK-COUNT-8: math.fma
// CHECK: scf.yield
// CHECK-COUNT-7: arith.addf
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-1: math.fma
// CHECK: scf.yield
// CHECK: return
kern.kernel @lone "contraction" [] attributes {batched = array<i1: false, false>, known = array<i64: 1, 1, 8, 90>} {
^bb0(%sum: f32):
  kern.yield %sum : f32
}

// -----

// CHECK-LABEL: func.func private @largest
// CHECK-NOT: vector<16xf32>
// CHECK: vector.maskedload {{.*}} vector<8xf32>
// CHECK-NOT: vector<16xf32>
// CHECK: return
kern.kernel @largest "windows" [] attributes {window_rank = 1 : i64, window = array<i64: 2, 2, 1, 0, 0>,
    inits = [0xFF800000 : f32, 0xFF800000 : f32], known = array<i64: 1, 14, 6, 28>} {
^bb0(%best: f32, %x: f32):
  %above = arith.cmpf ugt, %x, %best : f32
  %next = arith.select %above, %x, %best : f32
  kern.yield %next, %best : f32, f32
}
