// Ops that put tensors side by side.
include "dialects/graph/graph_dialect.td"

def Graph_ConcatOp : Graph_Op<"concat", [DeclareOpInterfaceMethods<Permutable>, Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Tensors joined along an axis";
  let description = [{
    Along `axis` first all of the first operand, then all of the second, and so on.

    Constraints:
    - (C1) there is at least one operand
    - (C2) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C3) the operands have one dtype
    - (C4) and one rank
    - (C5) and along every other axis one size

    ```mlir
    %y = graph.concat %a, %b {axis = 0 : i64} : tensor<4x8xf32>, tensor<2x8xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$x, I64Attr:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_StackOp : Graph_Op<"stack", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Tensors of one shape put side by side along a new axis";
  let description = [{
    `y[..., i, ...]`, i at `axis` of `y`, is operand number i.

    Constraints:
    - (C1) there is at least one operand
    - (C2) `axis` is an axis of `y`: `-rank - 1 <= axis <= rank`
    - (C3) the operands have one dtype
    - (C4) and one shape

    ```mlir
    %y = graph.stack %a, %b {axis = 0 : i64} : tensor<4x8xf32>, tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$x, I64Attr:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let role = "put_together";
}
