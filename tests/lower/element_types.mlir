// Elementwise kernels over every element type, mixed in one body, at every level: the bits are equal, nothing past a buffer is
// touched (run_lowered guards it), and no library function is called. 103 elements: wide steps, single vectors and a masked rest.
// RUN: for level in 2 3 4; do graphc-opt %s --lower-to-llvm=level=x86-64-v$level -o %t.$level; mlir-translate --mlir-to-llvmir %t.$level | llc -O2 -relocation-model=pic -filetype=obj -o %t.o; llvm-nm -u %t.o | FileCheck %s --allow-empty --check-prefix=UNDEFINED; done
// UNDEFINED-NOT: {{ U }}
// DEFINE: %{run} = for level in 2 3 4; do python3 %S/run_lowered.py
// DEFINE: %{check} = < %t.$level > %t.out.$level; done; diff %t.out.2 %t.out.3 && { ! grep -q avx512bw /proc/cpuinfo || diff %t.out.2 %t.out.4; } && cat %t.out.2 | FileCheck %s --check-prefix

// RUN: %{run} positive.body f32~103 i8:103 params:0 arena %{check}=POSITIVE
// POSITIVE: {{^}}0 0 1 1 0 1 1 0 0 1 0 0 1 1 0 1 1 0 0 1 0 0 1 0
#id = affine_map<(d0) -> (d0)>
func.func @positive(%x: tensor<103xf32>) -> tensor<103xi8> attributes {graph.entry = 0 : i64} {
  %e = tensor.empty() : tensor<103xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<103xf32>) outs(%e : tensor<103xi8>) {
  ^bb0(%p: f32, %o: i8):
    %zero = arith.constant 0.0 : f32
    %c = arith.cmpf ogt, %p, %zero : f32
    %r = arith.extui %c : i1 to i8
    linalg.yield %r : i8
  } -> tensor<103xi8>
  return %y : tensor<103xi8>
}

// where(bool, f64, i16) with a chain of narrow types.
// RUN: %{run} choose.body i8~103 f64~103 i16~103 f64:103 params:0 arena %{check}=CHOOSE
// CHOOSE: {{^}}-2.75 -1 0.75 2.5 -1.5 0.25 2 -2 -0.25 1.5 -2.5 -0.75 1 2.75 -1.25 0.5 2.25 -1.75 0 1.75 -2.25 -0.5 1.25 -2.75
func.func @choose(%c: tensor<103xi8>, %x: tensor<103xf64>, %n: tensor<103xi16>) -> tensor<103xf64> attributes {graph.entry = 1 : i64} {
  %e = tensor.empty() : tensor<103xf64>
  %y = linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel"]}
      ins(%c, %x, %n : tensor<103xi8>, tensor<103xf64>, tensor<103xi16>) outs(%e : tensor<103xf64>) {
  ^bb0(%b: i8, %p: f64, %q: i16, %o: f64):
    %zero = arith.constant 0 : i8
    %i = arith.cmpi ne, %b, %zero : i8
    %s = arith.sitofp %q : i16 to f64
    %r = arith.select %i, %p, %s : f64
    linalg.yield %r : f64
  } -> tensor<103xf64>
  return %y : tensor<103xf64>
}

// Halves: extended, computed, rounded once.
// RUN: %{run} halves.body f16~103 bf16~103 f16:103 params:0 arena %{check}=HALVES
// HALVES: {{^}}-8.52344 -3.09961 2.30664 7.75 -4.64844 0.256348 6.19922 -6.19922 -0.774902 4.64844 -7.75 -2.32422 3.09961 8.52344 -3.875 1.02539 6.97656 -5.42578 0 5.42578 -6.97656 -1.5498 3.875 -8.52344
// RUN: %{run} brain.body f16~103 bf16:103 params:0 arena %{check}=BRAIN
// BRAIN: {{^}}-0.917969 -0.333984 0.25 0.832031 -0.5 0.0834961 0.667969 -0.667969 -0.0834961 0.5 -0.832031 -0.25 0.333984 0.917969 -0.416016 0.166992 0.75 -0.582031 0 0.582031 -0.75 -0.166992 0.416016 -0.917969
func.func @halves(%x: tensor<103xf16>, %z: tensor<103xbf16>) -> tensor<103xf16> attributes {graph.entry = 2 : i64} {
  %e = tensor.empty() : tensor<103xf16>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %z : tensor<103xf16>, tensor<103xbf16>) outs(%e : tensor<103xf16>) {
  ^bb0(%p: f16, %q: bf16, %o: f16):
    %three = arith.constant 3.1 : f32
    %a = arith.extf %p : f16 to f32
    %b = arith.extf %q : bf16 to f32
    %s = arith.mulf %a, %three : f32
    %t = arith.addf %s, %b : f32
    %u = arith.mulf %t, %b : f32
    %m = arith.minimumf %u, %s : f32
    %r = arith.truncf %m : f32 to f16
    linalg.yield %r : f16
  } -> tensor<103xf16>
  return %y : tensor<103xf16>
}
func.func @brain(%x: tensor<103xf16>) -> tensor<103xbf16> attributes {graph.entry = 3 : i64} {
  %e = tensor.empty() : tensor<103xbf16>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<103xf16>) outs(%e : tensor<103xbf16>) {
  ^bb0(%p: f16, %o: bf16):
    %three = arith.constant 3.0 : f64
    %a = arith.extf %p : f16 to f64
    %s = arith.divf %a, %three : f64
    %r = arith.truncf %s : f64 to bf16
    linalg.yield %r : bf16
  } -> tensor<103xbf16>
  return %y : tensor<103xbf16>
}

// Integers of every width.
// RUN: %{run} widths.body i8~103 i16~103 i32~103 i64~103 i64:103 params:0 arena %{check}=WIDTHS
// WIDTHS: {{^}}-6 -2 6 250 -3 0 128 -4 0 54 -5 -2 16 332 -3 2 182 -4 0 85 -5 -1 31 -6
func.func @widths(%a: tensor<103xi8>, %b: tensor<103xi16>, %c: tensor<103xi32>, %d: tensor<103xi64>) -> tensor<103xi64> attributes {graph.entry = 4 : i64} {
  %e = tensor.empty() : tensor<103xi64>
  %y = linalg.generic {indexing_maps = [#id, #id, #id, #id, #id], iterator_types = ["parallel"]}
      ins(%a, %b, %c, %d : tensor<103xi8>, tensor<103xi16>, tensor<103xi32>, tensor<103xi64>) outs(%e : tensor<103xi64>) {
  ^bb0(%p: i8, %q: i16, %s: i32, %t: i64, %o: i64):
    %p1 = arith.extsi %p : i8 to i16
    %m = arith.muli %p1, %q : i16
    %m1 = arith.extsi %m : i16 to i32
    %n = arith.muli %m1, %s : i32
    %n1 = arith.extsi %n : i32 to i64
    %four = arith.constant 4 : i64
    %one = arith.constant 1 : i64
    %u = arith.divsi %n1, %four : i64
    %v = arith.shrsi %t, %one : i64
    %r5 = arith.maxsi %u, %v : i64
    linalg.yield %r5 : i64
  } -> tensor<103xi64>
  return %y : tensor<103xi64>
}

// Copies and fills of small types.
// RUN: %{run} copies.body i8~103 bf16~103 i8:103 bf16:103 f16:103 params:0 arena %{check}=COPIES
// COPIES: -11 -4 3 10
// COPIES-NEXT: -2.75 -1 0.75
// COPIES-NEXT: 1.5 1.5 1.5
func.func @copies(%x: tensor<103xi8>, %z: tensor<103xbf16>) -> (tensor<103xi8>, tensor<103xbf16>, tensor<103xf16>) attributes {graph.entry = 5 : i64} {
  %c = arith.constant dense<1.5> : tensor<103xf16>
  return %x, %z, %c : tensor<103xi8>, tensor<103xbf16>, tensor<103xf16>
}
