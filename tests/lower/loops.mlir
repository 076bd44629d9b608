// graph.loops: one kern.run whose kernel is the body; equal bodies are one kernel, whatever the shapes. A body that may fail stores
// into the status cell, which the entry gets as its last argument.
// RUN: graphc-opt %s --form-groups --canonicalize --make-borders | FileCheck %s
// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v3" -o %t
// RUN: python3 %S/run_lowered.py take.body f32=1,2,3,4,5 i32=4,0,-2 i32=1,1 f32:3 f32:2 params:0 arena status < %t | FileCheck %s --check-prefix=RAN
// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v2 opt-level=0" | python3 %S/run_lowered.py take.body f32=1,2,3,4,5 i32=4,0,2 i32=0,3 f32:3 f32:2 params:0 arena status | FileCheck %s --check-prefix=GOOD
// RUN: python3 %S/run_lowered.py reversed.body f32=1,2,3,4,5,6 f32:6 params:0 arena < %t | FileCheck %s --check-prefix=REVERSED
// RAN: 5 1 1
// RAN-NEXT: 2 2
// RAN-NEXT: {{^}}1{{$}}
// GOOD: 5 1 3
// GOOD-NEXT: 1 4
// GOOD-NEXT: {{^}}0{{$}}
// REVERSED: 6 5 4 3 2 1

#flat = affine_map<(d0) -> (d0)>
// CHECK-LABEL: func.func @take.body(
// CHECK-SAME: %arg7: memref<1099511627776xi32>) attributes {graph.entry = 0 : i64, graph.may_fail}
// CHECK: kern.run @k0.loops ins({{.*}} : tensor<5xf32>, tensor<3xi32>, index, index) outs({{.*}}, %arg7 : tensor<3xf32>, memref<1099511627776xi32>)
// CHECK: kern.run @k0.loops ins({{.*}} : tensor<5xf32>, tensor<2xi32>, index, index) outs({{.*}}, %arg7 : tensor<2xf32>, memref<1099511627776xi32>)
// CHECK-LABEL: func.func @reversed.body(
// CHECK-NOT: graph.may_fail
// CHECK: kern.run @k1.loops ins({{.*}} : tensor<2x3xf32>, index)
// CHECK-NOT: kern.kernel @k2
func.func @take(%x: tensor<5xf32>, %i: tensor<3xi32>, %j: tensor<2xi32>) -> (tensor<3xf32>, tensor<2xf32>) attributes {graph.entry = 0 : i64} {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %e3 = tensor.empty() : tensor<3xf32>
  %e2 = tensor.empty() : tensor<2xf32>
  %0 = graph.loops ins(%x, %i : tensor<5xf32>, tensor<3xi32>) sizes(%c5, %c3) outs(%e3 : tensor<3xf32>) attributes {may_fail} {
  ^bb0(%from: memref<1099511627776xf32>, %at: memref<1099511627776xi32>, %n: index, %m: index, %to: memref<1099511627776xf32>, %status: memref<1099511627776xi32>):
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %bad = arith.constant 1 : i32
    scf.for %k = %zero to %m step %one {
      %raw = memref.load %at[%k] : memref<1099511627776xi32>
      %index = arith.index_cast %raw : i32 to index
      %wrong = arith.cmpi uge, %index, %n : index
      scf.if %wrong {
        memref.store %bad, %status[%zero] : memref<1099511627776xi32>
      }
      %inside = arith.select %wrong, %zero, %index : index
      %value = memref.load %from[%inside] : memref<1099511627776xf32>
      memref.store %value, %to[%k] : memref<1099511627776xf32>
    }
  } -> tensor<3xf32>
  %1 = graph.loops ins(%x, %j : tensor<5xf32>, tensor<2xi32>) sizes(%c5, %c2) outs(%e2 : tensor<2xf32>) attributes {may_fail} {
  ^bb0(%from: memref<1099511627776xf32>, %at: memref<1099511627776xi32>, %n: index, %m: index, %to: memref<1099511627776xf32>, %status: memref<1099511627776xi32>):
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %bad = arith.constant 1 : i32
    scf.for %k = %zero to %m step %one {
      %raw = memref.load %at[%k] : memref<1099511627776xi32>
      %index = arith.index_cast %raw : i32 to index
      %wrong = arith.cmpi uge, %index, %n : index
      scf.if %wrong {
        memref.store %bad, %status[%zero] : memref<1099511627776xi32>
      }
      %inside = arith.select %wrong, %zero, %index : index
      %value = memref.load %from[%inside] : memref<1099511627776xf32>
      memref.store %value, %to[%k] : memref<1099511627776xf32>
    }
  } -> tensor<2xf32>
  return %0, %1 : tensor<3xf32>, tensor<2xf32>
}

// A second, unused out is scratch; reshapes around the group are looked through.
func.func @reversed(%x: tensor<2x3xf32>) -> tensor<6xf32> attributes {graph.entry = 1 : i64} {
  %c6 = arith.constant 6 : index
  %e = tensor.empty() : tensor<3x2xf32>
  %f = tensor.empty() : tensor<6xi64>
  %flat = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  %0, %scratch = graph.loops ins(%flat : tensor<6xf32>) sizes(%c6) outs(%e, %f : tensor<3x2xf32>, tensor<6xi64>) {
  ^bb0(%from: memref<1099511627776xf32>, %n: index, %to: memref<1099511627776xf32>, %order: memref<1099511627776xi64>):
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %last = arith.subi %n, %one : index
    scf.for %k = %zero to %n step %one {
      %mirror = arith.subi %last, %k : index
      %stored = arith.index_cast %mirror : index to i64
      memref.store %stored, %order[%k] : memref<1099511627776xi64>
    }
    scf.for %k = %zero to %n step %one {
      %stored = memref.load %order[%k] : memref<1099511627776xi64>
      %mirror = arith.index_cast %stored : i64 to index
      %value = memref.load %from[%mirror] : memref<1099511627776xf32>
      memref.store %value, %to[%k] : memref<1099511627776xf32>
    }
  } -> tensor<3x2xf32>, tensor<6xi64>
  %1 = tensor.collapse_shape %0 [[0, 1]] : tensor<3x2xf32> into tensor<6xf32>
  return %1 : tensor<6xf32>
}
