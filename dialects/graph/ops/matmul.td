// matmul: products of matrices, batched over leading axes.
include "dialects/graph/graph_dialect.td"

def Graph_MatmulOp : Graph_Op<"matmul", [Graph_Multilinear, Graph_ContractsNarrow]> {
  let summary = "Matrix product over the last two axes; leading axes broadcast";
  let description = [{
    `y[..., m, n] = sum over k of a[..., m, k] * b[..., k, n]`. A vector `a` is one row, and y has no axis m then. With a matrix `b`,
    all leading axes of `a` are kept. No terms (k = 0) give 0. `transpose_a` and `transpose_b` swap the last two axes of an operand
    first. f16 and bf16 are summed in f32 and rounded once; the product of two i8 is i32; other integers wrap. `accumulate` is the dtype
    of the sum, which `y` keeps then: i32 for i8, f32 for f16 and bf16 (no rounding), else that of `a` and `b`.

    Constraints:
    - (C1) `a` has at least one axis and `b` at least two
    - (C2) the last axis of `a` and the second-last of `b` have one size
    - (C3) the leading axes of `a` and `b` broadcast
    - (C4) `a` and `b` have one dtype, a number
    - (C5) `transpose_a` needs a matrix `a`
    - (C6) the result fits some memory: less than 2^47 bytes
    - (C7) `accumulate` is the dtype in which sums are made

    ```mlir
    %y = graph.matmul %a, %b : tensor<32x64xf32>, tensor<64x128xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b, DefaultValuedAttr<BoolAttr, "false">:$transpose_a,
                       DefaultValuedAttr<BoolAttr, "false">:$transpose_b, OptionalAttr<TypeAttr>:$accumulate);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a) `,` type($b)";
}
