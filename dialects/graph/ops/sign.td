// What an operand owes to its sign, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_NegOp : Graph_Unary<"neg", "numberDtypes", 1> {
  let summary = "Negation, elementwise";
  let description = [{
    `y = -x`, written `-x` in formulas; integers wrap.

    Constraints:
    - (C1) the dtype of `x` is a number

    ```mlir
    %y = graph.neg %x : tensor<4x8xf32>
    ```
  }];
  let prefix = "-";
}

def Graph_AbsOp : Graph_Unary<"abs", "numberDtypes", 1> {
  let summary = "Absolute value, elementwise";
  let description = [{
    `y = |x|`; the least integer of a signed dtype has none and stays itself.

    Constraints:
    - (C1) the dtype of `x` is a number

    ```mlir
    %y = graph.abs %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_SignOp : Graph_Unary<"sign", "numberDtypes", 1> {
  let noDerivative = "is constant between its jumps";
  let summary = "Sign, elementwise";
  let description = [{
    `y` is 1 above 0, -1 below it, and `x` itself if that is zero (of either sign) or NaN.

    Constraints:
    - (C1) the dtype of `x` is a number

    ```mlir
    %y = graph.sign %x : tensor<4x8xf32>
    ```
  }];
}
