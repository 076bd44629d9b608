// iota: counting.
include "dialects/graph/graph_dialect.td"

def Graph_IotaOp : Graph_Op<"iota", [Graph_NoDerivative<"is constant">]> {
  let summary = "Positions along an axis: 0, 1, 2, ...";
  let description = [{
    `y[..., i, ...] = i` with i at `axis`, the same along all other axes; `type` is the type of `y`.

    Constraints:
    - (C1) the dtype of `type` is a number
    - (C2) its sizes are numbers or named dims, it has at most 16 axes, and fits some memory: less than 2^47 bytes
    - (C3) `axis` is one of its axes
    - (C4) an integer dtype holds the last position

    ```mlir
    %y = graph.iota {type = tensor<4x8xi32>, axis = 1 : i64}
    ```
  }];
  let arguments = (ins Graph_TypeAttr:$type, DefaultValuedAttr<I64Attr, "0">:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "attr-dict";
}
