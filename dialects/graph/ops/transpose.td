// transpose: axes in another order.
include "dialects/graph/graph_dialect.td"

def Graph_TransposeOp : Graph_Op<"transpose", [DeclareOpInterfaceMethods<Advisable>, Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Axes in another order";
  let description = [{
    Axis i of `y` is axis `perm[i]` of `x`. Without `perm` the order is reversed.

    Constraints:
    - (C1) `perm` has one entry per axis of `x`
    - (C2) each is an axis of `x`
    - (C3) and each axis stands in it once

    ```mlir
    %y = graph.transpose %x {perm = array<i64: 1, 0>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, OptionalAttr<DenseI64ArrayAttr>:$perm);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
