// One of two operands per element, by a condition.
include "dialects/graph/graph_dialect.td"

def Graph_SelectOp : Graph_Elementwise<"select", "allDtypes", 0, "std::nullopt", 1> {
  let summary = "One of two operands per element";
  let description = [{
    `y = a` where `condition` is true, else `b`.

    Constraints:
    - (C1) `condition`, `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) `condition` is bool

    ```mlir
    %y = graph.select %c, %a, %b : tensor<4x1xi1>, tensor<4x8xf32>, tensor<f32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$condition, AnyRankedTensor:$a, AnyRankedTensor:$b);
  let results = (outs AnyRankedTensor:$y);
  let role = "choose";
  let assemblyFormat = "$condition `,` $a `,` $b attr-dict `:` type($condition) `,` type($a) `,` type($b)";
}
