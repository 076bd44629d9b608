// constant: a tensor known at build time.
include "dialects/graph/graph_dialect.td"

def Graph_ConstantOp : Graph_Op<"constant", [ConstantLike, Graph_NoDerivative<"is constant">]> {
  let summary = "A tensor known at build time";
  let description = [{
    Made by the front end from numbers in formulas and from typed literals, and by constant folding; no node can name it.

    Constraints:
    - (C1) the dtype is one of the language
    - (C2) the tensor fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.constant dense<1.0> : tensor<4xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "attr-dict $value";
  let callable = 0;
  let hasFolder = 1;
}
