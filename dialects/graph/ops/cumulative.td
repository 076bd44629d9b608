// cumsum and cumprod: running sums and products along an axis.
include "dialects/graph/graph_dialect.td"

class Graph_Cumulative<string mnemonic, list<Trait> traits = []> : Graph_Op<mnemonic, traits> {
  let arguments = (ins AnyRankedTensor:$x, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "false">:$exclusive,
                       DefaultValuedAttr<BoolAttr, "false">:$reverse);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_CumsumOp : Graph_Cumulative<"cumsum", [Graph_Linear]> {
  let summary = "Running sum along an axis";
  let description = [{
    `y_i = x_0 + ... + x_i` along `axis`. `exclusive` leaves out x_i itself, so that y_0 = 0; `reverse` sums from the end. f16 and bf16
    are summed in f32 and rounded at each element; integers wrap.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) the dtype of `x` is a number

    ```mlir
    %y = graph.cumsum %x {axis = 1 : i64} : tensor<4x8xf32>
    ```
  }];
}

def Graph_CumprodOp : Graph_Cumulative<"cumprod"> {
  let summary = "Running product along an axis";
  let description = [{
    `y_i = x_0 * ... * x_i` along `axis`. `exclusive` leaves out x_i itself, so that y_0 = 1; `reverse` multiplies from the end. f16
    and bf16 are multiplied in f32 and rounded at each element; integers wrap.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) the dtype of `x` is a number

    ```mlir
    %y = graph.cumprod %x {axis = 1 : i64} : tensor<4x8xf32>
    ```
  }];
}
