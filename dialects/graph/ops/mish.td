// mish: x tanh(softplus(x)) (Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019).
include "dialects/graph/graph_dialect.td"

def Graph_MishOp : Graph_Unary<"mish", "floatDtypes", 9> {
  let summary = "x tanh(softplus(x)), elementwise";
  let description = [{
    `y = x tanh(log(1 + e^x))`. NaN of NaN, infinity of infinity, -0 of -infinity.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.mish %x : tensor<4x8xf32>
    ```
  }];
}
