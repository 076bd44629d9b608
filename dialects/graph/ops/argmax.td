// argmax and argmin: where the largest or least element along an axis lies.
include "dialects/graph/graph_dialect.td"

class Graph_ArgReduction<string mnemonic> : Graph_Op<mnemonic, [Graph_NoDerivative<"gives a position">]> {
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<I64Attr, "-1">:$axis, DefaultValuedAttr<BoolAttr, "false">:$keep_dims,
                       OptionalAttr<TypeAttr>:$dtype, DefaultValuedAttr<BoolAttr, "false">:$select_last);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_ArgmaxOp : Graph_ArgReduction<"argmax"> {
  let summary = "Position of the largest element along an axis";
  let description = [{
    `y = the first i with x_i = max over j of x_j` along `axis`; the first NaN, if there is one. With `select_last` the last of them.
    The result is i32 unless `dtype` says i64. `keep_dims` leaves an axis of size 1.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) that axis is not empty
    - (C3) the dtype of `x` is a number
    - (C4) `dtype` is i32 or i64
    - (C5) positions fit `dtype`

    ```mlir
    %y = graph.argmax %x {axis = 1 : i64} : tensor<4x8xf32>
    ```
  }];
}

def Graph_ArgminOp : Graph_ArgReduction<"argmin"> {
  let summary = "Position of the least element along an axis";
  let description = [{
    `y = the first i with x_i = min over j of x_j` along `axis`; the first NaN, if there is one. With `select_last` the last of them.
    The result is i32 unless `dtype` says i64. `keep_dims` leaves an axis of size 1.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) that axis is not empty
    - (C3) the dtype of `x` is a number
    - (C4) `dtype` is i32 or i64
    - (C5) positions fit `dtype`

    ```mlir
    %y = graph.argmin %x {axis = 1 : i64} : tensor<4x8xf32>
    ```
  }];
}
