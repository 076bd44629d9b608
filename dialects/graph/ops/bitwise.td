// Work on the bits of integers, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_BitNotOp : Graph_Unary<"bit_not", "integerDtypes", 1> {
  let noDerivative = "gives integers";
  let summary = "Bits inverted, elementwise";
  let description = [{
    `y = ~x`.

    Constraints:
    - (C1) the dtype of `x` is an integer

    ```mlir
    %y = graph.bit_not %x : tensor<4x8xi32>
    ```
  }];
}

def Graph_BitAndOp : Graph_Binary<"bit_and", "integerDtypes", ""> {
  let noDerivative = "gives integers";
  let summary = "Bits of both, elementwise";
  let description = [{
    `y = a & b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is an integer

    ```mlir
    %y = graph.bit_and %a, %b : tensor<4x8xi32>, tensor<8xi32>
    ```
  }];
}

def Graph_BitOrOp : Graph_Binary<"bit_or", "integerDtypes", ""> {
  let noDerivative = "gives integers";
  let summary = "Bits of either, elementwise";
  let description = [{
    `y = a | b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is an integer

    ```mlir
    %y = graph.bit_or %a, %b : tensor<4x8xi32>, tensor<8xi32>
    ```
  }];
}

def Graph_BitXorOp : Graph_Binary<"bit_xor", "integerDtypes", ""> {
  let noDerivative = "gives integers";
  let summary = "Bits of exactly one, elementwise";
  let description = [{
    `y = a ^ b`.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is an integer

    ```mlir
    %y = graph.bit_xor %a, %b : tensor<4x8xi32>, tensor<8xi32>
    ```
  }];
}

def Graph_ShiftLeftOp : Graph_Binary<"shift_left", "integerDtypes", ""> {
  let noDerivative = "gives integers";
  let summary = "Bits moved up, elementwise";
  let description = [{
    `y = a * 2^b`, wrapped. Where `b` is negative or not less than the width of the dtype, `y` is 0.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is an integer

    ```mlir
    %y = graph.shift_left %a, %b : tensor<4x8xi32>, tensor<8xi32>
    ```
  }];
}

def Graph_ShiftRightOp : Graph_Binary<"shift_right", "integerDtypes", ""> {
  let noDerivative = "gives integers";
  let summary = "Bits moved down, elementwise";
  let description = [{
    `y = floor(a / 2^b)`: signed integers keep their sign. Where `b` is negative or not less than the width of the
    dtype, `y` is 0.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is an integer

    ```mlir
    %y = graph.shift_right %a, %b : tensor<4x8xi32>, tensor<8xi32>
    ```
  }];
}
