// Floats to integers that stay floats, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_FloorOp : Graph_Unary<"floor", "floatDtypes", 1> {
  let noDerivative = "is constant between its jumps";
  let summary = "Rounded down, elementwise";
  let description = [{
    `y` is the largest integer that is at most `x`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.floor %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_CeilOp : Graph_Unary<"ceil", "floatDtypes", 1> {
  let noDerivative = "is constant between its jumps";
  let summary = "Rounded up, elementwise";
  let description = [{
    `y` is the smallest integer that is at least `x`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.ceil %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_RoundOp : Graph_Unary<"round", "floatDtypes", 1> {
  let noDerivative = "is constant between its jumps";
  let summary = "Rounded to nearest, elementwise";
  let description = [{
    `y` is the integer nearest to `x`; a half goes to the even one.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.round %x : tensor<4x8xf32>
    ```
  }];
}
