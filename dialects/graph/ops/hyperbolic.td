// Hyperbolic functions and their inverses, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_SinhOp : Graph_Unary<"sinh", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Hyperbolic sine, elementwise";
  let description = [{
    `y = (e^x - e^-x) / 2`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.sinh %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_CoshOp : Graph_Unary<"cosh", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Hyperbolic cosine, elementwise";
  let description = [{
    `y = (e^x + e^-x) / 2`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.cosh %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_TanhOp : Graph_Unary<"tanh", "floatDtypes", 1> {
  let summary = "Hyperbolic tangent, elementwise";
  let description = [{
    `y = (e^x - e^-x) / (e^x + e^-x)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.tanh %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_AsinhOp : Graph_Unary<"asinh", "floatDtypes", 1> {
  let summary = "Inverse hyperbolic sine, elementwise";
  let description = [{
    `y = ln(x + sqrt(x^2 + 1))`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.asinh %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_AcoshOp : Graph_Unary<"acosh", "floatDtypes", 1> {
  let summary = "Inverse hyperbolic cosine, elementwise";
  let description = [{
    `y = ln(x + sqrt(x^2 - 1))`; below 1 it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.acosh %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_AtanhOp : Graph_Unary<"atanh", "floatDtypes", 1> {
  let summary = "Inverse hyperbolic tangent, elementwise";
  let description = [{
    `y = ln((1 + x) / (1 - x)) / 2`; outside -1 .. 1 it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.atanh %x : tensor<4x8xf32>
    ```
  }];
}
