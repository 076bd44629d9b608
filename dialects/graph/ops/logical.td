// Logic of bools, elementwise, written and, or, not in formulas.
include "dialects/graph/graph_dialect.td"

def Graph_AndOp : Graph_Binary<"and", "boolDtypes", "and"> {
  let noDerivative = "gives bools";
  let summary = "Both, elementwise";
  let description = [{
    `y = a and b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is bool

    ```mlir
    %y = graph.and %a, %b : tensor<4x8xi1>, tensor<8xi1>
    ```
  }];
}

def Graph_OrOp : Graph_Binary<"or", "boolDtypes", "or"> {
  let noDerivative = "gives bools";
  let summary = "At least one, elementwise";
  let description = [{
    `y = a or b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is bool

    ```mlir
    %y = graph.or %a, %b : tensor<4x8xi1>, tensor<8xi1>
    ```
  }];
}

def Graph_XorOp : Graph_Binary<"xor", "boolDtypes", ""> {
  let noDerivative = "gives bools";
  let summary = "Exactly one, elementwise";
  let description = [{
    `y = a != b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is bool

    ```mlir
    %y = graph.xor %a, %b : tensor<4x8xi1>, tensor<8xi1>
    ```
  }];
}

def Graph_NotOp : Graph_Unary<"not", "boolDtypes", 1> {
  let noDerivative = "gives bools";
  let summary = "The opposite, elementwise";
  let description = [{
    `y` is true where `x` is false.

    Constraints:
    - (C1) the dtype of `x` is bool

    ```mlir
    %y = graph.not %x : tensor<4x8xi1>
    ```
  }];
  let prefix = "not";
}
