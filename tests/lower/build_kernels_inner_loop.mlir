// The inner loops of contractions at every level and of rows: accumulators stay in registers, heights and widths are the tile's.
// DEFINE: %{lower} = --expand-math --canonicalize --cse --loop-invariant-code-motion --convert-scf-to-cf --convert-math-to-llvm --convert-vector-to-llvm --finalize-memref-to-llvm --convert-func-to-llvm=use-bare-ptr-memref-call-conv=1 --convert-arith-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts
// DEFINE: %{compile} = mlir-translate --mlir-to-llvmir | opt -O2 | llc -O2 | python3 %S/inner_loops.py layer.part
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v4 --build-kernels %{lower} | %{compile} | FileCheck %s --check-prefix=V4
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v3 --build-kernels %{lower} | %{compile} | FileCheck %s --check-prefix=V3
// RUN: graphc-opt %s --clone-levels=levels=x86-64-v2 --build-kernels %{lower} --split-fma | %{compile} | FileCheck %s --check-prefix=V2
// Where every call has the same sizes; tiles.py has many more.
// RUN: graphc build %S/../bench/gemm_512.json --emit=asm --target=x86-64-v4 | python3 %S/inner_loops.py k1.contraction.part | FileCheck %s --check-prefix=KNOWN4
// RUN: graphc build %S/../bench/gemm_512.json --emit=asm --target=x86-64-v3 | python3 %S/inner_loops.py k1.contraction.part | FileCheck %s --check-prefix=KNOWN3
// Rows 4 KB apart: low and wide tiles.
// RUN: graphc build %S/../bench/gemm_1024.json --emit=asm --target=x86-64-v4 | python3 %S/inner_loops.py k1.contraction.part | FileCheck %s --check-prefix=SETS
// Sweeps over rows: what a row needs stays in the 32 registers; in the gelu behind a norm all but one constant does.
// RUN: graphc build %S/../bench/softmax_4096x1000.json --emit=asm --target=x86-64-v4 | python3 %S/inner_loops.py k0.rows.part | FileCheck %s --check-prefix=SOFTMAX
// RUN: graphc build %S/../bench/layernorm_gelu_4096x768.json --emit=asm --target=x86-64-v4 | python3 %S/inner_loops.py k0.rows.part 1 | FileCheck %s --check-prefix=NORM

// SETS: {{^}}24 16{{$}}
// SOFTMAX: {{^}}20 5{{$}}
// NORM: {{^}}20{{$}}
// KNOWN4: {{^}}28 16{{$}}
// KNOWN3: {{^}}12 4{{$}}
// V4: {{^}}28 16 14 8 4 2 1{{$}}
// V3: {{^}}12 8 4 2{{$}}
// V2: {{^}}8 4{{$}}
kern.kernel @layer "contraction" [affine_map<(g, m, n) -> (n)>] attributes {batched = array<i1: false, false>} {
^bb0(%sum: f32, %bias: f32):
  %zero = arith.constant 0.0 : f32
  %0 = arith.addf %sum, %bias : f32
  %negative = arith.cmpf ogt, %zero, %0 : f32
  %1 = arith.select %negative, %zero, %0 : f32
  kern.yield %1 : f32
}
