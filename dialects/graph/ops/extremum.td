// The lesser and the greater of operands, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_MinOp : Graph_Binary<"min", "numberDtypes", ""> {
  let summary = "The lesser, elementwise";
  let description = [{
    `y = a` where `a <= b`, else `b`; NaN if either is, and -0 is less than 0.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.min %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_MaxOp : Graph_Binary<"max", "numberDtypes", ""> {
  let summary = "The greater, elementwise";
  let description = [{
    `y = a` where `a >= b`, else `b`; NaN if either is, and -0 is less than 0.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.max %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_ClampOp : Graph_Elementwise<"clamp", "numberDtypes", 2> {
  let summary = "Between two bounds, elementwise";
  let description = [{
    `y = min(max(x, low), high)`; NaN if any of them is. The bounds are tensors that broadcast, so that they may be computed; where
    `low > high` the result is `high`.

    Constraints:
    - (C1) `x`, `low` and `high` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `x`, `low` and `high` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.clamp %x, %low, %high : tensor<4x8xf32>, tensor<f32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$low, AnyRankedTensor:$high);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $low `,` $high attr-dict `:` type($x) `,` type($low) `,` type($high)";
}
