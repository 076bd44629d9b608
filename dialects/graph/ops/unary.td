// Elementwise ops of one operand: each is one scalar function.
include "dialects/graph/graph_dialect.td"

class Graph_Unary<string mnemonic, string dtypes, int flopsPerElement, string result = "std::nullopt">
    : Graph_Elementwise<mnemonic, dtypes, flopsPerElement, result> {
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_ExpOp : Graph_Unary<"exp", "floatDtypes", 1> {
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

def Graph_ReluOp : Graph_Unary<"relu", "numberDtypes", 1> {
  let summary = "The positive part, elementwise";
  let description = [{
    `y = max(x, 0)`; NaN stays NaN.

    Constraints:
    - (C1) the dtype of `x` is a number

    ```mlir
    %y = graph.relu %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_SigmoidOp : Graph_Unary<"sigmoid", "floatDtypes", 4> {
  let summary = "Logistic function, elementwise";
  let description = [{
    `y = 1 / (1 + e^-x)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.sigmoid %x : tensor<4x8xf32>
    ```
  }];
}
