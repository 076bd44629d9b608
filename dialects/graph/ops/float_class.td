// Which kind of float an element is, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_IsFiniteOp : Graph_Unary<"is_finite", "floatDtypes", 1, "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Neither NaN nor infinite, elementwise";
  let description = [{
    `y` is true where `x` is a number, false where it is NaN or an infinity.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.is_finite %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_IsNanOp : Graph_Unary<"is_nan", "floatDtypes", 1, "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "NaN, elementwise";
  let description = [{
    `y` is true where `x` is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.is_nan %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_IsInfOp : Graph_Unary<"is_inf", "floatDtypes", 1, "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Infinite, elementwise";
  let description = [{
    `y` is true where `x` is an infinity of either sign.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.is_inf %x : tensor<4x8xf32>
    ```
  }];
}
