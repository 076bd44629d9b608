// Elementwise ops of one operand: each is one scalar function.
include "dialects/graph/graph_dialect.td"

class Graph_Unary<string mnemonic, int flopsPerElement> : Graph_Elementwise<mnemonic, flopsPerElement> {
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_ExpOp : Graph_Unary<"exp", 1> {
  let summary = "Exponential, elementwise";
  let description = [{
    `y = e^x`.

    Constraints:
    - (C1) the dtype of `x` is f32
    - (C2) `x` has a static shape and at most 16 axes

    ```mlir
    %y = graph.exp %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_TanhOp : Graph_Unary<"tanh", 1> {
  let summary = "Hyperbolic tangent, elementwise";
  let description = [{
    `y = (e^x - e^-x) / (e^x + e^-x)`.

    Constraints:
    - (C1) the dtype of `x` is f32

    ```mlir
    %y = graph.tanh %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_ReluOp : Graph_Unary<"relu", 1> {
  let summary = "The positive part, elementwise";
  let description = [{
    `y = max(x, 0)`; NaN stays NaN.

    Constraints:
    - (C1) the dtype of `x` is f32

    ```mlir
    %y = graph.relu %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_SigmoidOp : Graph_Unary<"sigmoid", 4> {
  let summary = "Logistic function, elementwise";
  let description = [{
    `y = 1 / (1 + e^-x)`.

    Constraints:
    - (C1) the dtype of `x` is f32

    ```mlir
    %y = graph.sigmoid %x : tensor<4x8xf32>
    ```
  }];
}
