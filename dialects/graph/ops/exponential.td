// Exponentials and logarithms, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_ExpOp : Graph_Unary<"exp", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Exponential, elementwise";
  let description = [{
    `y = e^x`.

    Constraints:
    - (C1) the dtype of `x` is a float
    - (C2) the sizes of `x` are numbers or named dims, and it has at most 16 axes

    ```mlir
    %y = graph.exp %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_Expm1Op : Graph_Unary<"expm1", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Exponential minus 1, elementwise";
  let description = [{
    `y = e^x - 1`, exact near 0 where `exp(x) - 1` has lost its digits.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.expm1 %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_LogOp : Graph_Unary<"log", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide, DeclareOpInterfaceMethods<Advisable>]> {
  let summary = "Natural logarithm, elementwise";
  let description = [{
    `y = ln x`; of 0 it is -infinity, below 0 NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.log %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_Log1pOp : Graph_Unary<"log1p", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Logarithm of 1 + x, elementwise";
  let description = [{
    `y = ln(1 + x)`, exact near 0 where `log(1 + x)` has lost its digits.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.log1p %x : tensor<4x8xf32>
    ```
  }];
}
