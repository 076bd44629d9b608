// Trigonometric functions of angles in radians and their inverses, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_SinOp : Graph_Unary<"sin", "floatDtypes", 1> {
  let summary = "Sine, elementwise";
  let description = [{
    `y = sin x`, for every finite angle; of an infinity it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.sin %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_CosOp : Graph_Unary<"cos", "floatDtypes", 1> {
  let summary = "Cosine, elementwise";
  let description = [{
    `y = cos x`, for every finite angle; of an infinity it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.cos %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_TanOp : Graph_Unary<"tan", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Tangent, elementwise";
  let description = [{
    `y = tan x`, for every finite angle; of an infinity it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.tan %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_AsinOp : Graph_Unary<"asin", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Arc sine, elementwise";
  let description = [{
    `y = arcsin x` in -pi/2 .. pi/2; outside -1 .. 1 it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.asin %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_AcosOp : Graph_Unary<"acos", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Arc cosine, elementwise";
  let description = [{
    `y = arccos x` in 0 .. pi; outside -1 .. 1 it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.acos %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_AtanOp : Graph_Unary<"atan", "floatDtypes", 1> {
  let summary = "Arc tangent, elementwise";
  let description = [{
    `y = arctan x` in -pi/2 .. pi/2.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.atan %x : tensor<4x8xf32>
    ```
  }];
}
