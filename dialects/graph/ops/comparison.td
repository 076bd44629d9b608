// Comparisons, elementwise, written == != < <= > >= in formulas. The result is bool.
include "dialects/graph/graph_dialect.td"

def Graph_EqualOp : Graph_Binary<"equal", "allDtypes", "==", "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Equal, elementwise";
  let description = [{
    `y = a == b`; NaN equals nothing.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype

    ```mlir
    %y = graph.equal %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_NotEqualOp : Graph_Binary<"not_equal", "allDtypes", "!=", "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Not equal, elementwise";
  let description = [{
    `y = a != b`; NaN differs from everything.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype

    ```mlir
    %y = graph.not_equal %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_LessOp : Graph_Binary<"less", "numberDtypes", "<", "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Less, elementwise";
  let description = [{
    `y = a < b`; false beside NaN.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.less %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_LessEqualOp : Graph_Binary<"less_equal", "numberDtypes", "<=", "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Less or equal, elementwise";
  let description = [{
    `y = a <= b`; false beside NaN.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.less_equal %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_GreaterOp : Graph_Binary<"greater", "numberDtypes", ">", "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Greater, elementwise";
  let description = [{
    `y = a > b`; false beside NaN.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.greater %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_GreaterEqualOp : Graph_Binary<"greater_equal", "numberDtypes", ">=", "Dtype::Bool"> {
  let noDerivative = "gives bools";
  let summary = "Greater or equal, elementwise";
  let description = [{
    `y = a >= b`; false beside NaN.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.greater_equal %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}
