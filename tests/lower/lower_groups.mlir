// RUN: graphc-opt %s --lower-groups --split-input-file --verify-diagnostics | FileCheck %s

func.func private @k0(memref<1099511627776xf32>, index, memref<1099511627776xf32>)

// CHECK-LABEL: func.func @flat
// CHECK: %[[X:.*]] = memref.reinterpret_cast %arg0 to offset: [0], sizes: [1099511627776], strides: [1] : memref<4x5xf32> to memref<1099511627776xf32>
// CHECK: call @k0(%[[X]], %{{.*}}, %{{.*}})
func.func @flat(%x: memref<4x5xf32>, %y: memref<20xf32>) {
  %n = arith.constant 20 : index
  kern.run @k0 ins(%x, %n : memref<4x5xf32>, index) outs(%y : memref<20xf32>)
  return
}

// -----

func.func private @k0(memref<1099511627776xf32>, index, memref<1099511627776xf32>)
func.func @offset(%x: memref<20xf32>, %y: memref<10xf32>) {
  %n = arith.constant 10 : index
  %half = memref.subview %x[10][10][1] : memref<20xf32> to memref<10xf32, strided<[1], offset: 10>>
  // expected-error @below {{has an operand that is not dense or has an offset}}
  kern.run @k0 ins(%half, %n : memref<10xf32, strided<[1], offset: 10>>, index) outs(%y : memref<10xf32>)
  return
}
