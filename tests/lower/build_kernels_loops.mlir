// Innermost loops of graph.loops that move or fill a run of memory take whole vectors first and keep the rest; what
// goes backwards or reads the buffer that it writes stays as it was.
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v4 --build-kernels | FileCheck %s

// CHECK-LABEL: func.func private @run(
// CHECK: %[[WHOLE:.*]] = arith.addi
// CHECK: scf.for %[[J:.*]] = %{{.*}} to %[[WHOLE]] step %c16
// CHECK: %[[V:.*]] = vector.load %arg0[%{{.*}}] : memref<1099511627776xf32>, vector<16xf32>
// CHECK: vector.store %[[V]], %arg3[%{{.*}}] : memref<1099511627776xf32>, vector<16xf32>
// CHECK: scf.for %{{.*}} = %[[WHOLE]] to %arg2 step %c1
// CHECK: memref.load
// CHECK: memref.store
kern.kernel @run "loops" [] {
^bb0(%from: memref<1099511627776xf32>, %shift: index, %n: index, %to: memref<1099511627776xf32>):
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  scf.for %j = %zero to %n step %one {
    %at = arith.addi %shift, %j : index
    %value = memref.load %from[%at] : memref<1099511627776xf32>
    memref.store %value, %to[%j] : memref<1099511627776xf32>
  }
  kern.yield
}

// CHECK-LABEL: func.func private @fill(
// CHECK: vector.broadcast %{{.*}} : i8 to vector<64xi8>
// CHECK: vector.store
// CHECK: memref.store
kern.kernel @fill "loops" [] {
^bb0(%n: index, %to: memref<1099511627776xi8>):
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %seven = arith.constant 7 : i8
  scf.for %j = %zero to %n step %one {
    memref.store %seven, %to[%j] : memref<1099511627776xi8>
  }
  kern.yield
}

// CHECK-LABEL: func.func private @backwards(
// CHECK-NOT: vector.{{load|store}}
// CHECK: memref.load
kern.kernel @backwards "loops" [] {
^bb0(%from: memref<1099511627776xf32>, %n: index, %to: memref<1099511627776xf32>):
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  scf.for %j = %zero to %n step %one {
    %at = arith.subi %n, %j : index
    %value = memref.load %from[%at] : memref<1099511627776xf32>
    memref.store %value, %to[%j] : memref<1099511627776xf32>
  }
  kern.yield
}

// CHECK-LABEL: func.func private @spread(
// CHECK-NOT: vector.{{load|store}}
// CHECK: memref.load
kern.kernel @spread "loops" [] {
^bb0(%n: index, %to: memref<1099511627776xf32>):
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  scf.for %j = %zero to %n step %one {
    %value = memref.load %to[%j] : memref<1099511627776xf32>
    %next = arith.addi %j, %one : index
    memref.store %value, %to[%next] : memref<1099511627776xf32>
  }
  kern.yield
}
