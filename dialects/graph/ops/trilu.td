// trilu: a triangle of each matrix.
include "dialects/graph/graph_dialect.td"

def Graph_TriluOp : Graph_Op<"trilu", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "The upper or lower triangle of matrices, zeros elsewhere";
  let description = [{
    Of the matrices in the last two axes, with row i and column j: `upper` keeps what has `j - i >= k`, else what has `j - i <= k`.

    Constraints:
    - (C1) `x` has at least two axes

    ```mlir
    %y = graph.trilu %x {upper = false} : tensor<8x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<BoolAttr, "true">:$upper, DefaultValuedAttr<I64Attr, "0">:$k);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
