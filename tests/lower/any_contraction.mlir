// Contractions and reductions of every type: through the reduction builder, i8 through the contraction of i8; transposed reads, and
// epilogues of other types on the f32 contraction; at -O0 too, and no library function is called.
// RUN: for level in 2 3 4 4+vnni 4+vnni+bf16; do graphc-opt %s --lower-to-llvm=level=x86-64-v$level -o %t.$level; mlir-translate --mlir-to-llvmir %t.$level | llc -O2 -relocation-model=pic -filetype=obj -o %t.o; llvm-nm -u %t.o | FileCheck %s --allow-empty --check-prefix=UNDEFINED; done
// RUN: graphc-opt %s --lower-to-llvm="level=x86-64-v3 opt-level=0" -o %t.0
// UNDEFINED-NOT: {{ U [^m]}}
// DEFINE: %{run} = for level in 0 2 3; do python3 %S/run_lowered.py
// DEFINE: %{check} = < %t.$level > %t.out.$level; done; diff %t.out.2 %t.out.3 && diff %t.out.0 %t.out.3 && cat %t.out.2 | FileCheck %s --check-prefix
// RUN: graphc-opt %s --form-groups --canonicalize | FileCheck %s

// The dim along which one operand and the result have runs of memory is the last one, so that lanes lie along it; where both operands
// have runs along the summed dim, that stays last.
// CHECK: #[[MK:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK: #[[KN:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func.func @doubles
// CHECK: kern.run @k{{[0-9]+}}.reduction
// RUN: %{run} doubles.body f64=1,2,3,4,5,6 f64=1,0,2,0,1,-1,1,1,0,2,3,0,0,0,1 f64:10 params:0 arena %{check}=DOUBLES
// DOUBLES: {{^}}8 2 4 0 8 17 5 13 0 20{{$}}
func.func @doubles(%a: tensor<2x3xf64>, %b: tensor<3x5xf64>) -> tensor<2x5xf64> attributes {graph.entry = 0 : i64} {
  %zero = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<2x5xf64>
  %f = linalg.fill ins(%zero : f64) outs(%e : tensor<2x5xf64>) -> tensor<2x5xf64>
  %y = linalg.matmul ins(%a, %b : tensor<2x3xf64>, tensor<3x5xf64>) outs(%f : tensor<2x5xf64>) -> tensor<2x5xf64>
  return %y : tensor<2x5xf64>
}

// CHECK-LABEL: func.func @bytes
// CHECK: kern.run @k{{[0-9]+}}.pack_panels ins(%{{.*}} : tensor<1x2x2xi8>, index, index, index) outs(%{{.*}} : tensor<1x1x4x16xi8>)
// CHECK: kern.run @k{{[0-9]+}}.contraction
// RUN: %{run} bytes.body i8=100,127,-128,1 i8=127,-128,127,-128 i32:4 params:0 arena %{check}=BYTES
// BYTES: {{^}}28829 -29056 -16129 16256{{$}}
func.func @bytes(%a: tensor<1x2x2xi8>, %b: tensor<1x2x2xi8>) -> tensor<1x2x2xi32> attributes {graph.entry = 1 : i64} {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2x2xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<1x2x2xi32>) -> tensor<1x2x2xi32>
  %y = linalg.batch_matmul ins(%a, %b : tensor<1x2x2xi8>, tensor<1x2x2xi8>) outs(%f : tensor<1x2x2xi32>) -> tensor<1x2x2xi32>
  return %y : tensor<1x2x2xi32>
}

// bf16 with an f32 sum, the right-hand side transposed: y = a b^T, rounded once afterwards.
// CHECK-LABEL: func.func @brains
// CHECK: kern.run @k{{[0-9]+}}.reduction
// RUN: %{run} brains.body bf16=1,2,3,4,5,6 bf16=1,0,2,0,1,-1,1,1,0 bf16:6 params:0 arena %{check}=BRAINS
// BRAINS: {{^}}7 -1 3 16 -1 9{{$}}
#a = affine_map<(m, n, k) -> (m, k)>
#bt = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
func.func @brains(%a: tensor<2x3xbf16>, %b: tensor<3x3xbf16>) -> tensor<2x3xbf16> attributes {graph.entry = 2 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x3xf32>
  %g = tensor.empty() : tensor<2x3xbf16>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %y = linalg.generic {indexing_maps = [#a, #bt, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x3xbf16>, tensor<3x3xbf16>) outs(%f : tensor<2x3xf32>) {
  ^bb0(%p: bf16, %q: bf16, %s: f32):
    %p1 = arith.extf %p : bf16 to f32
    %q1 = arith.extf %q : bf16 to f32
    %m = arith.mulf %p1, %q1 : f32
    %r = arith.addf %s, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x3xf32>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<2x3xf32>) outs(%g : tensor<2x3xbf16>) {
  ^bb0(%p: f32, %o: bf16):
    %r = arith.truncf %p : f32 to bf16
    linalg.yield %r : bf16
  } -> tensor<2x3xbf16>
  return %z : tensor<2x3xbf16>
}

// A transposed read beside a straight one; the last two dims stay one. And linalg.transpose.
// CHECK-LABEL: func.func @turned
// CHECK: kern.run @k{{[0-9]+}}.elementwise ins(%arg0, %arg1, %c2, %c15 : tensor<3x5x2xi16>, tensor<2x3x5xi16>, index, index)
// RUN: %{run} turned.body i16~30 i16~30 i16:30 i16:6 params:0 arena %{check}=TURNED
// TURNED: {{^}}-22 -1 -3 18 -7 -9 12 -13 8 6 -19 2 0 21 -4 -2 19 -6 -8 13 -12 9 7 -18 3 1 -1 -3 -5 16{{$}}
// TURNED-NEXT: {{^}}1 10 -4 0 3 -10
func.func @turned(%x: tensor<3x5x2xi16>, %y: tensor<2x3x5xi16>) -> (tensor<2x3x5xi16>, tensor<3x2xi16>) attributes {graph.entry = 3 : i64} {
  %e = tensor.empty() : tensor<2x3x5xi16>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (b, c, a)>, affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %y : tensor<3x5x2xi16>, tensor<2x3x5xi16>) outs(%e : tensor<2x3x5xi16>) {
  ^bb0(%p: i16, %q: i16, %o: i16):
    %s = arith.addi %p, %q : i16
    linalg.yield %s : i16
  } -> tensor<2x3x5xi16>
  %c = arith.constant dense<[[1, -4, 3], [10, 0, -10]]> : tensor<2x3xi16>
  %g = tensor.empty() : tensor<3x2xi16>
  %1 = linalg.transpose ins(%c : tensor<2x3xi16>) outs(%g : tensor<3x2xi16>) permutation = [1, 0]
  return %0, %1 : tensor<2x3x5xi16>, tensor<3x2xi16>
}

// Sums over the first, the middle and the last dim; the largest of i8; a reduction that reads transposed.
// RUN: %{run} sums.body i32~24 i32:12 i32:8 i32:6 i32:3 params:0 arena %{check}=SUMS
// SUMS: {{^}}-7 7 -2 12 3 -6 8 -1 -10 4 -5 -14{{$}}
// SUMS-NEXT: {{^}}-18 3 1 -1 4 2 0 -2{{$}}
// SUMS-NEXT: {{^}}-2 -5 -8 12 9 -17{{$}}
// SUMS-NEXT: {{^}}11 9 6{{$}}
func.func @sums(%x: tensor<2x3x4xi32>) -> (tensor<3x4xi32>, tensor<2x4xi32>, tensor<2x3xi32>, tensor<3xi32>) attributes {graph.entry = 4 : i64} {
  %zero = arith.constant 0 : i32
  %low = arith.constant -2147483648 : i32
  %e0 = tensor.empty() : tensor<3x4xi32>
  %e1 = tensor.empty() : tensor<2x4xi32>
  %e2 = tensor.empty() : tensor<2x3xi32>
  %e3 = tensor.empty() : tensor<3xi32>
  %f0 = linalg.fill ins(%zero : i32) outs(%e0 : tensor<3x4xi32>) -> tensor<3x4xi32>
  %f1 = linalg.fill ins(%zero : i32) outs(%e1 : tensor<2x4xi32>) -> tensor<2x4xi32>
  %f2 = linalg.fill ins(%zero : i32) outs(%e2 : tensor<2x3xi32>) -> tensor<2x3xi32>
  %f3 = linalg.fill ins(%low : i32) outs(%e3 : tensor<3xi32>) -> tensor<3xi32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (b, c)>], iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%x : tensor<2x3x4xi32>) outs(%f0 : tensor<3x4xi32>) {
  ^bb0(%p: i32, %o: i32):
    %s = arith.addi %p, %o : i32
    linalg.yield %s : i32
  } -> tensor<3x4xi32>
  %1 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, c)>], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x : tensor<2x3x4xi32>) outs(%f1 : tensor<2x4xi32>) {
  ^bb0(%p: i32, %o: i32):
    %s = arith.addi %p, %o : i32
    linalg.yield %s : i32
  } -> tensor<2x4xi32>
  %2 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<2x3x4xi32>) outs(%f2 : tensor<2x3xi32>) {
  ^bb0(%p: i32, %o: i32):
    %s = arith.addi %p, %o : i32
    linalg.yield %s : i32
  } -> tensor<2x3xi32>
  %3 = linalg.generic {indexing_maps = [affine_map<(c, a, b) -> (a, b, c)>, affine_map<(c, a, b) -> (b)>], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%x : tensor<2x3x4xi32>) outs(%f3 : tensor<3xi32>) {
  ^bb0(%p: i32, %o: i32):
    %s = arith.maxsi %p, %o : i32
    linalg.yield %s : i32
  } -> tensor<3xi32>
  return %0, %1, %2, %3 : tensor<3x4xi32>, tensor<2x4xi32>, tensor<2x3xi32>, tensor<3xi32>
}

// An epilogue that compares: C is a bool, B a transposed bias.
// CHECK-LABEL: func.func @compared
// CHECK: kern.run @k{{[0-9]+}}.contraction {{.*}} -> tensor<2x3xi8>
// RUN: %{run} compared.body f32=1,2,3,4 f32=1,0,2,0,1,-1 f32=2,9,1,4,5,-5 i8:6 params:0 arena %{check}=COMPARED
// COMPARED: {{^}}0 1 0 0 0 1{{$}}
func.func @compared(%a: tensor<2x2xf32>, %b: tensor<2x3xf32>, %t: tensor<3x2xf32>) -> tensor<2x3xi8> attributes {graph.entry = 5 : i64} {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x3xf32>
  %g = tensor.empty() : tensor<2x3xi8>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %y = linalg.matmul ins(%a, %b : tensor<2x2xf32>, tensor<2x3xf32>) outs(%f : tensor<2x3xf32>) -> tensor<2x3xf32>
  %z = linalg.generic {indexing_maps = [#id, affine_map<(m, n) -> (n, m)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y, %t : tensor<2x3xf32>, tensor<3x2xf32>) outs(%g : tensor<2x3xi8>) {
  ^bb0(%p: f32, %q: f32, %o: i8):
    %c = arith.cmpf ogt, %p, %q : f32
    %r = arith.extui %c : i1 to i8
    linalg.yield %r : i8
  } -> tensor<2x3xi8>
  return %z : tensor<2x3xi8>
}

// CHECK: kern.kernel @k0.reduction "reduction" [#[[MK]], #[[KN]], #[[MN]]] attributes {{.*}} reduced = array<i64: 1>
// CHECK: kern.kernel @k2.contraction "contraction" [] attributes {batched = array<i1: true, true>, element = i8,
// CHECK: kern.kernel @k3.reduction "reduction" [#[[MN]], #[[KN]], #[[MK]]] attributes {{.*}} reduced = array<i64: 2>
