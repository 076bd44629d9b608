// one_hot: a 1 at each position.
include "dialects/graph/graph_dialect.td"

def Graph_OneHotOp : Graph_Op<"one_hot", [Graph_NoDerivative<"reads positions alone">]> {
  let summary = "Vectors that are 1 at a position and 0 elsewhere";
  let description = [{
    `y[a..., j, b...] = 1 if j = index[a..., b...], else 0`, with the new axis of size `depth` at `axis` of `y`. A position that is not
    in 0 ... depth - 1 is the status INDEX.

    Constraints:
    - (C1) `index` is i32 or i64
    - (C2) `axis` is an axis of `y`
    - (C3) `depth` is 1 to 2^40
    - (C4) `dtype`, by default f32, is one of the language
    - (C5) the result has at most 16 axes and fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.one_hot %i {depth = 10 : i64} : tensor<4xi32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$index, I64Attr:$depth, DefaultValuedAttr<I64Attr, "-1">:$axis, OptionalAttr<TypeAttr>:$dtype);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$index attr-dict `:` type($index)";
}
