// Powers and roots, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_SqrtOp : Graph_Unary<"sqrt", "floatDtypes", 1> {
  let summary = "Square root, elementwise";
  let description = [{
    `y = x^(1/2)`; below 0 it is NaN.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.sqrt %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_RsqrtOp : Graph_Unary<"rsqrt", "floatDtypes", 2, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Reciprocal of the square root, elementwise";
  let description = [{
    `y = x^(-1/2)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.rsqrt %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_ReciprocalOp : Graph_Unary<"reciprocal", "floatDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Reciprocal, elementwise";
  let description = [{
    `y = 1 / x`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.reciprocal %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_SquareOp : Graph_Unary<"square", "numberDtypes", 1, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Square, elementwise";
  let description = [{
    `y = x * x`; integers wrap.

    Constraints:
    - (C1) the dtype of `x` is a number

    ```mlir
    %y = graph.square %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_PowOp : Graph_Binary<"pow", "numberDtypes", "", "std::nullopt", 1, [Graph_StaysWide]> {
  let summary = "Power, elementwise";
  let description = [{
    `y = a^b`. Floats: as in C, so `pow(x, 0) = 1` and `pow(1, x) = 1` even for NaN, and a negative `a` needs an integer
    in `b`. Integers wrap; a negative exponent gives 0, but for the bases 1 and -1, which stay exact.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.pow %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}
