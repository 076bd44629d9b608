// Conversion between dtypes: the only one that the language has, never done silently.
include "dialects/graph/graph_dialect.td"

def Graph_CastOp : Graph_Op<"cast", [Graph_Linear]> {
  let summary = "Elements in another dtype";
  let description = [{
    `y = x` in `dtype`. To a float: rounded once, to nearest, ties to even. Floats to integers: rounded towards 0, what lies outside
    becomes the nearest integer of the dtype, NaN becomes 0. Integers to integers wrap. To bool: `x != 0`; from bool: 0 or 1.

    Constraints:
    - (C1) the dtype of `x` is one of the language
    - (C2) `dtype` is one of the language

    ```mlir
    %y = graph.cast %x {dtype = i32} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, TypeAttr:$dtype);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasFolder = 1;
}
