// max_pool and avg_pool: the largest and the mean of what a window sees, channel by channel.
include "dialects/graph/graph_dialect.td"

class Graph_Pool<string mnemonic, dag attributes, list<Trait> traits = []> : Graph_Op<mnemonic, traits # [DeclareOpInterfaceMethods<Permutable>]> {
  let arguments = !con((ins AnyRankedTensor:$x, DenseI64ArrayAttr:$kernel, OptionalAttr<DenseI64ArrayAttr>:$stride,
                           OptionalAttr<DenseI64ArrayAttr>:$dilation, OptionalAttr<Graph_PaddingAttr>:$padding,
                           DefaultValuedAttr<BoolAttr, "false">:$ceil_mode, DefaultValuedAttr<StrAttr, "\"nhwc\"">:$layout), attributes);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let extraClassDefinition = imagePermutable;
}

def Graph_MaxPoolOp : Graph_Pool<"max_pool", (ins), [Graph_FollowsNarrow]> {
  let summary = "Largest element in each window";
  let description = [{
    Windows of `kernel` slide over the spatial axes of `x`, `[batch, spatial..., channels]` or, if `layout` is `"nchw"`,
    `[batch, channels, spatial...]`. The padding takes no part; a NaN in the window is the result. A window that sees padding alone gives
    the least value of the dtype. `stride` is `kernel` by default, `dilation` 1; `padding` as in `conv`. `ceil_mode` adds a last window
    where one fits in part, if it begins before the end of the image.

    Constraints:
    - (C1) `x` has a batch axis, 1 to 3 spatial axes and channels; `layout` is `"nhwc"` or `"nchw"`
    - (C2) `kernel`, `stride` and `dilation` are at least 1, `padding` at least 0, one or one per spatial axis
    - (C3) the kernel fits the padded image
    - (C4) the dtype of `x` is a number
    - (C5) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.max_pool %x {kernel = array<i64: 2>} : tensor<1x8x8x4xf32>
    ```
  }];
}

def Graph_AvgPoolOp : Graph_Pool<"avg_pool", (ins DefaultValuedAttr<BoolAttr, "false">:$count_padding), [Graph_Linear]> {
  let summary = "Mean of each window";
  let description = [{
    The sum of what the window sees, divided by how many elements it sees; with `count_padding` by how many positions of the padded image.
    A window that sees none gives 0. Attributes are those of `max_pool`. f16 and bf16 are summed in f32 and rounded once.

    Constraints:
    - (C1) `x` has a batch axis, 1 to 3 spatial axes and channels; `layout` is `"nhwc"` or `"nchw"`
    - (C2) `kernel`, `stride` and `dilation` are at least 1, `padding` at least 0, one or one per spatial axis
    - (C3) the kernel fits the padded image
    - (C4) the dtype of `x` is a float
    - (C5) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.avg_pool %x {kernel = array<i64: 2>} : tensor<1x8x8x4xf32>
    ```
  }];
}
