// What stands between the layers of a network, elementwise. Each has its limits at the infinities, and NaN stays NaN.
include "dialects/graph/graph_dialect.td"

def Graph_ReluOp : Graph_Unary<"relu", "numberDtypes", 1, "std::nullopt", [DeclareOpInterfaceMethods<Advisable>]> {
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

def Graph_SiluOp : Graph_Unary<"silu", "floatDtypes", 5> {
  let summary = "Sigmoid linear unit, elementwise";
  let description = [{
    `y = x / (1 + e^-x)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.silu %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_ErfOp : Graph_Unary<"erf", "floatDtypes", 1> {
  let summary = "Error function, elementwise";
  let description = [{
    `y = 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.erf %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_GeluOp : Graph_Unary<"gelu", "floatDtypes", 5> {
  let summary = "Gaussian error linear unit, elementwise";
  let description = [{
    `y = x / 2 * (1 + erf(x / sqrt 2))`, exact; `gelu_tanh` is its approximation.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.gelu %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_GeluTanhOp : Graph_Unary<"gelu_tanh", "floatDtypes", 9> {
  let summary = "Gaussian error linear unit by tanh, elementwise";
  let description = [{
    `y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.gelu_tanh %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_SoftplusOp : Graph_Unary<"softplus", "floatDtypes", 4, "std::nullopt", [Graph_StaysWide]> {
  let summary = "Smooth positive part, elementwise";
  let description = [{
    `y = ln(1 + e^x)`, without overflow.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.softplus %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_SoftsignOp : Graph_Unary<"softsign", "floatDtypes", 3> {
  let summary = "x / (1 + |x|), elementwise";
  let description = [{
    `y = x / (1 + |x|)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.softsign %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_HardSwishOp : Graph_Unary<"hard_swish", "floatDtypes", 5> {
  let summary = "Piecewise silu, elementwise";
  let description = [{
    `y = x * min(max(x + 3, 0), 6) / 6`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.hard_swish %x : tensor<4x8xf32>
    ```
  }];
}

def Graph_EluOp : Graph_Unary<"elu", "floatDtypes", 3> {
  let summary = "Exponential linear unit, elementwise";
  let description = [{
    `y = x` above 0, else `alpha * (e^x - 1)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.elu %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<F64Attr, "1.0">:$alpha);
}

def Graph_CeluOp : Graph_ElementwiseWithOwnShape<"celu", 4> {
  let summary = "Continuously differentiable elu, elementwise";
  let description = [{
    `y = x` above 0, else `alpha * (e^(x / alpha) - 1)`.

    Constraints:
    - (C1) the dtype of `x` is a float
    - (C2) `alpha` is not 0

    ```mlir
    %y = graph.celu %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<F64Attr, "1.0">:$alpha);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_SeluOp : Graph_Unary<"selu", "floatDtypes", 4> {
  let summary = "Scaled exponential linear unit, elementwise";
  let description = [{
    `y = gamma * x` above 0, else `gamma * alpha * (e^x - 1)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.selu %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<F64Attr, "1.6732632423543772">:$alpha, DefaultValuedAttr<F64Attr, "1.0507009873554805">:$gamma);
}

def Graph_LeakyReluOp : Graph_Unary<"leaky_relu", "floatDtypes", 2> {
  let summary = "relu that lets some of the negative part through, elementwise";
  let description = [{
    `y = x` above 0, else `slope * x`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.leaky_relu %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<F64Attr, "0.01">:$slope);
}

def Graph_HardSigmoidOp : Graph_Unary<"hard_sigmoid", "floatDtypes", 4> {
  let summary = "Piecewise sigmoid, elementwise";
  let description = [{
    `y = min(max(alpha * x + beta, 0), 1)`.

    Constraints:
    - (C1) the dtype of `x` is a float

    ```mlir
    %y = graph.hard_sigmoid %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<F64Attr, "0.16666666666666666">:$alpha, DefaultValuedAttr<F64Attr, "0.5">:$beta);
}

def Graph_HardTanhOp : Graph_ElementwiseWithOwnShape<"hard_tanh", 2> {
  let summary = "Piecewise tanh, elementwise";
  let description = [{
    `y = min(max(x, low), high)`, with numbers as bounds; `clamp` takes tensors.

    Constraints:
    - (C1) the dtype of `x` is a float
    - (C2) `low <= high`

    ```mlir
    %y = graph.hard_tanh %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<F64Attr, "-1.0">:$low, DefaultValuedAttr<F64Attr, "1.0">:$high);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
