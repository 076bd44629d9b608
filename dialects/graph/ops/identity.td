// Ops that pass their operand on.
include "dialects/graph/graph_dialect.td"

def Graph_IdentityOp : Graph_Op<"identity", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Its operand, unchanged";
  let description = [{
    `y = x`. Exists so that layers can take an activation that does nothing.

    Constraints:
    - (C1) the dtype of `x` is one of the language

    ```mlir
    %y = graph.identity %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasFolder = 1;
}

def Graph_StopGradientOp : Graph_Op<"stop_gradient", [Graph_NoDerivative<"stops derivatives">, Graph_FollowsNarrow]> {
  let summary = "Its operand, as a constant to differentiation";
  let description = [{
    `y = x`, with all derivatives 0.

    Constraints:
    - (C1) the dtype of `x` is one of the language

    ```mlir
    %y = graph.stop_gradient %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
