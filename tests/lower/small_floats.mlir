// f16 and bf16 conversions at their edges: ties, denormals, overflow, infinities, NaN, and one rounding from f64.
// RUN: for level in 2 3 4; do graphc-opt %s --lower-to-llvm=level=x86-64-v$level -o %t.$level; done
// DEFINE: %{run} = for level in 2 3; do python3 %S/run_lowered.py
// DEFINE: %{check} = < %t.$level > %t.out.$level; done; diff %t.out.2 %t.out.3 && cat %t.out.2 | FileCheck %s --check-prefix

// RUN: %{run} to_f16.body f32=65519.996,65520,1e10,5.9604645e-08,2.9802322e-08,2.9802326e-08,6.0975552e-05,inf,-inf,nan,-0.0,2049,2051,-6.1e-05,1.5,1 f16:16 params:0 arena %{check}=F16
// F16: {{^}}65504 inf inf 5.96046e-08 0 5.96046e-08 6.09756e-05 inf -inf nan -0 2048 2052 -6.09756e-05 1.5 1
#id = affine_map<(d0) -> (d0)>
func.func @to_f16(%x: tensor<16xf32>) -> tensor<16xf16> attributes {graph.entry = 0 : i64} {
  %e = tensor.empty() : tensor<16xf16>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<16xf32>) outs(%e : tensor<16xf16>) {
  ^bb0(%p: f32, %o: f16):
    %r = arith.truncf %p : f32 to f16
    linalg.yield %r : f16
  } -> tensor<16xf16>
  return %y : tensor<16xf16>
}

// RUN: %{run} from_f16.body f16=65504,5.9604645e-08,6.0975552e-05,6.1035156e-05,inf,-inf,nan,-0.0,-1.5,0.1 f32:10 params:0 arena %{check}=FROM
// FROM: {{^}}65504 5.96046e-08 6.09756e-05 6.10352e-05 inf -inf nan -0 -1.5 0.0999756
func.func @from_f16(%x: tensor<10xf16>) -> tensor<10xf32> attributes {graph.entry = 1 : i64} {
  %e = tensor.empty() : tensor<10xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<10xf16>) outs(%e : tensor<10xf32>) {
  ^bb0(%p: f16, %o: f32):
    %r = arith.extf %p : f16 to f32
    linalg.yield %r : f32
  } -> tensor<10xf32>
  return %y : tensor<10xf32>
}

// 1 + 2^-11 + 2^-40 lies above the tie of f16, 1 + 2^-8 + 2^-40 above that of bf16; an f32 between would lose the last bit.
// RUN: %{run} f64_to_f16.body f64=1.0004882812509095,-1.0004882812509095,1.00048828125,1e300,-inf,nan,65519.999999,5e-324 f16:8 params:0 arena %{check}=ONCE
// ONCE: {{^}}1.00098 -1.00098 1 inf -inf nan 65504 0
// RUN: %{run} f64_to_bf16.body f64=1.0039062500009095,-1.0039062500009095,1.00390625,1e300,-inf,nan,3.3961775292304957e38,3.3961775292304951e38 bf16:8 params:0 arena %{check}=BF16
// BF16: {{^}}1.00781 -1.00781 1 inf -inf nan inf 3.38953e+38
func.func @f64_to_f16(%x: tensor<8xf64>) -> tensor<8xf16> attributes {graph.entry = 2 : i64} {
  %e = tensor.empty() : tensor<8xf16>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf64>) outs(%e : tensor<8xf16>) {
  ^bb0(%p: f64, %o: f16):
    %r = arith.truncf %p : f64 to f16
    linalg.yield %r : f16
  } -> tensor<8xf16>
  return %y : tensor<8xf16>
}
func.func @f64_to_bf16(%x: tensor<8xf64>) -> tensor<8xbf16> attributes {graph.entry = 3 : i64} {
  %e = tensor.empty() : tensor<8xbf16>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf64>) outs(%e : tensor<8xbf16>) {
  ^bb0(%p: f64, %o: bf16):
    %r = arith.truncf %p : f64 to bf16
    linalg.yield %r : bf16
  } -> tensor<8xbf16>
  return %y : tensor<8xbf16>
}
