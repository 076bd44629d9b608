// Ops that take a tensor apart along an axis.
include "dialects/graph/graph_dialect.td"

def Graph_SplitOp : Graph_Op<"split", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "A tensor cut into several along an axis";
  let description = [{
    `parts` says how many results of one size there are, or `sizes` the size of each; one of `sizes` may be -1: what the others leave.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) either `parts` or `sizes` is given
    - (C3) `parts` is 1 to 4096 and divides the size of that axis
    - (C4) `sizes` has 1 to 4096 entries that are not negative, but for at most one -1
    - (C5) and they add up to the size of that axis

    ```mlir
    %y:2 = graph.split %x {axis = 1 : i64, sizes = array<i64: 3, 5>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, I64Attr:$axis, OptionalAttr<I64Attr>:$parts, OptionalAttr<DenseI64ArrayAttr>:$sizes);
  let results = (outs Variadic<AnyRankedTensor>:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_UnstackOp : Graph_Op<"unstack", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "One result for each position along an axis";
  let description = [{
    Result number i is `x[..., i, ...]`, i at `axis`; that axis is gone.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) its size is a number, 1 to 4096

    ```mlir
    %y:4 = graph.unstack %x {axis = 0 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, I64Attr:$axis);
  let results = (outs Variadic<AnyRankedTensor>:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let role = "take_apart";
}
