// conv and conv_transpose: images times filters, over 1 to 3 spatial axes.
include "dialects/graph/graph_dialect.td"

class Graph_Convolution<string mnemonic, dag attributes>
    : Graph_Op<mnemonic, [Graph_Multilinear, Graph_ContractsNarrow, DeclareOpInterfaceMethods<Permutable, ["wantedPerm"]>]> {
  let arguments = !con((ins AnyRankedTensor:$x, AnyRankedTensor:$weight, OptionalAttr<DenseI64ArrayAttr>:$stride,
                           OptionalAttr<DenseI64ArrayAttr>:$dilation, OptionalAttr<Graph_PaddingAttr>:$padding,
                           DefaultValuedAttr<I64Attr, "1">:$groups, DefaultValuedAttr<StrAttr, "\"nhwc\"">:$layout), attributes);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $weight attr-dict `:` type($x) `,` type($weight)";
  let extraClassDefinition = imagePermutable # [{
    ::llvm::SmallVector<int64_t> $cppClass::wantedPerm() {
      auto perm = ::graphc::graph::channelsLastPerm(::llvm::cast<::mlir::RankedTensorType>(getX().getType()).getRank());
      return permutedOperands(perm).empty() ? ::graphc::graph::Permutation() : perm;
    }
  }];
}

def Graph_ConvOp : Graph_Convolution<"conv", (ins)> {
  let summary = "Convolution (without flipping the filter) of images by filters";
  let description = [{
    `y[n, o, f] = sum over kernel positions t and channels c of x[n, o * stride + t * dilation - low, c] * weight[t, c, f]`, where x is
    surrounded by zeros. `x` is `[batch, spatial..., channels]`, or `[batch, channels, spatial...]` if `layout` is `"nchw"`; `weight` is
    `[kernel..., channels / groups, filters]` for both. Filters and channels are cut into `groups` that see only each other.
    `stride` and `dilation` are one integer or one per spatial axis. `padding` is `"valid"` (none, the default), `"same"` (as many outputs
    as input / stride rounded up, the odd zero at the end), `"same_lower"` (the odd zero at the start), integers or `[low, high]` pairs.
    f16 and bf16 are summed in f32 and rounded once; the product of two i8 is i32; other integers wrap.

    Constraints:
    - (C1) `x` has a batch axis, 1 to 3 spatial axes and channels; `layout` is `"nhwc"` or `"nchw"`
    - (C2) `weight` has as many axes as `x`, its kernel is numbers of at least 1
    - (C3) the channels of `x` are `groups` times those of `weight`; `groups` divides the filters
    - (C4) `stride` and `dilation` are at least 1, `padding` at least 0, one or one per spatial axis
    - (C5) the kernel fits the padded image
    - (C6) `x` and `weight` have one dtype, a number
    - (C7) the padding of `"same"` is the same for every call
    - (C8) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.conv %x, %w {padding = "same"} : tensor<1x56x56x64xf32>, tensor<3x3x64x64xf32>
    ```
  }];
}

def Graph_ConvTransposeOp : Graph_Convolution<"conv_transpose", (ins OptionalAttr<DenseI64ArrayAttr>:$output_padding)> {
  let summary = "Transposed convolution: each pixel of x adds the filter, times it, to the result";
  let description = [{
    `y[n, i * stride + t * dilation - low, f]` is the sum of `x[n, i, c] * weight[t, c, f]` over all i, t and c that meet there.
    `weight` is `[kernel..., channels, filters / groups]`. The result has
    `(size - 1) * stride + (kernel - 1) * dilation + 1 - low - high + output_padding` positions, with `"same"` `size * stride +
    output_padding`. Computed as the convolution of x with `stride - 1` zeros between its elements. Layouts, attributes and dtypes are
    those of `conv`.

    Constraints:
    - (C1) `x` has a batch axis, 1 to 3 spatial axes and channels; `layout` is `"nhwc"` or `"nchw"`
    - (C2) `weight` has as many axes as `x`, its kernel is numbers of at least 1
    - (C3) `weight` has the channels of `x`; `groups` divides them
    - (C4) `stride` and `dilation` are at least 1, `padding` and `output_padding` at least 0, one or one per spatial axis
    - (C5) the padding takes away no more than there is
    - (C6) `x` and `weight` have one dtype, a number
    - (C7) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.conv_transpose %x, %w {stride = array<i64: 2>} : tensor<1x8x8x4xf32>, tensor<2x2x4x6xf32>
    ```
  }];
}
