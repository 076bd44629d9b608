// pad: elements put around a tensor.
include "dialects/graph/graph_dialect.td"

def Graph_PadOp : Graph_Op<"pad", [DeclareOpInterfaceMethods<Permutable>, Graph_FollowsNarrow]> {
  let summary = "Elements put around a tensor";
  let description = [{
    `padding` is one pair [low, high] for each axis: how many elements are put before and behind. One pair stands for all axes, one
    integer for all sides. What they are says `mode`: "constant" (`value`), "edge" (the nearest element of `x`), "reflect" (mirrored at
    the first and last element, which are not repeated), "wrap" (`x` goes on periodically). A negative number takes elements away.

    Constraints:
    - (C1) `padding` is one integer, one pair, or one pair for each axis of `x`
    - (C2) its numbers are at most 2^40
    - (C3) no axis gets a negative size
    - (C4) `mode` is "constant", "edge", "reflect" or "wrap"
    - (C5) "edge" and "wrap" need at least one element along each axis that grows, and "reflect" more than it adds at each side
    - (C6) the dtype holds `value`

    ```mlir
    %y = graph.pad %x {padding = array<i64: 1, 1, 0, 2>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, Graph_PaddingAttr:$padding, DefaultValuedAttr<StrAttr, "\"constant\"">:$mode,
                       DefaultValuedAttr<F64Attr, "0.0">:$value);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
