// Division with an integer quotient, and what it leaves, elementwise.
include "dialects/graph/graph_dialect.td"

def Graph_FloorDivOp : Graph_Binary<"floor_div", "numberDtypes", "", "std::nullopt", 2> {
  let noDerivative = "is constant between its jumps";
  let summary = "Quotient rounded down, elementwise";
  let description = [{
    `y = floor(a / b)`: of floats the quotient as `div` gives it (in f32 for 16-bit floats), rounded down. Integers: `a
    / 0 = 0`; the least integer by -1 wraps to itself.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.floor_div %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_ModOp : Graph_Binary<"mod", "numberDtypes", "", "std::nullopt", 3> {
  let summary = "Rest with the sign of the divisor, elementwise";
  let description = [{
    `y = a - b * floor(a / b)`, exact: `mod(-7, 3) = 2`. Integers: `mod(a, 0) = a`, as their quotient is 0 there.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.mod %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def Graph_FmodOp : Graph_Binary<"fmod", "numberDtypes", "", "std::nullopt", 2> {
  let summary = "Rest with the sign of the dividend, elementwise";
  let description = [{
    `y = a - b * trunc(a / b)`, exact: `fmod(-7, 3) = -1`. Integers: `fmod(a, 0) = a`, as their quotient is 0 there.

    Constraints:
    - (C1) `a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1
    - (C2) `a` and `b` have one dtype
    - (C3) that dtype is a number

    ```mlir
    %y = graph.fmod %a, %b : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}
