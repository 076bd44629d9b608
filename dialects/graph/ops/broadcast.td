// broadcast: repeated along axes of size 1.
include "dialects/graph/graph_attributes.td"
include "dialects/graph/graph_dialect.td"

def Graph_BroadcastOp : Graph_Op<"broadcast", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Repeated along axes of size 1, to a given shape";
  let description = [{
    As elementwise ops stretch an operand: aligned at the right, where a size of `x` is 1 or missing its elements repeat.

    Constraints:
    - (C1) each size of `x` is that of `shape`, aligned at the right, or the number 1
    - (C2) the sizes of `shape` are not negative

    ```mlir
    %y = graph.broadcast %x {shape = #graph.shape<() -> (4, 8)>} : tensor<8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, Graph_ShapeAttr:$shape);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let role = "fill";
}
