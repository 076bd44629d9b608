// Elementwise arithmetic of two operands, written + - * / in formulas.
include "dialects/graph/graph_dialect.td"

def Graph_AddOp : Graph_Binary<"add", "numberDtypes", "+"> {
  let summary = "Sum, elementwise";
  let description = [{
    `y = a + b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number; integers wrap
    - (C4) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.add %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
  let hasFolder = 1;
}

def Graph_SubOp : Graph_Binary<"sub", "numberDtypes", "-", "std::nullopt", 1, [DeclareOpInterfaceMethods<Advisable>]> {
  let summary = "Difference, elementwise";
  let description = [{
    `y = a - b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number; integers wrap

    ```mlir
    %y = graph.sub %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
  let hasFolder = 1;
}

def Graph_MulOp : Graph_Binary<"mul", "numberDtypes", "*"> {
  let summary = "Product, elementwise";
  let description = [{
    `y = a * b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number; integers wrap

    ```mlir
    %y = graph.mul %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
  let hasFolder = 1;
}

def Graph_DivOp : Graph_Binary<"div", "floatDtypes", "/"> {
  let summary = "Quotient, elementwise";
  let description = [{
    `y = a / b`, as IEEE says it for 0 and infinities.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a float (`floor_div` is for integers)

    ```mlir
    %y = graph.div %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
  let hasFolder = 1;
}
