// sort, argsort and top_k: the order of the elements along an axis.
include "dialects/graph/graph_dialect.td"

def Graph_SortOp : Graph_Op<"sort"> {
  let summary = "Elements along an axis in order";
  let description = [{
    `y` holds the elements of each line along `axis`, from the least to the largest, or with `descending` from the largest to the
    least. NaN counts as larger than all numbers, -0 and +0 as equal; equals keep their order.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) the dtype of `x` is a number

    ```mlir
    %y = graph.sort %x {axis = 1 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<I64Attr, "-1">:$axis, DefaultValuedAttr<BoolAttr, "false">:$descending);
  let results = (outs AnyRankedTensor:$y);
  let extraClassDeclaration = [{
    ::llvm::StringRef noDerivative();
  }];
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_ArgsortOp : Graph_Op<"argsort", [Graph_NoDerivative<"gives positions">]> {
  let summary = "Where the elements of a sorted line lay before";
  let description = [{
    `sort(x)_i = x_(y_i)` along `axis`. The result is i32; ties and NaN as in `sort`.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) the dtype of `x` is a number
    - (C3) positions fit i32

    ```mlir
    %y = graph.argsort %x {axis = 1 : i64, descending = true} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<I64Attr, "-1">:$axis, DefaultValuedAttr<BoolAttr, "false">:$descending);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_TopKOp : Graph_Op<"top_k"> {
  let summary = "The k largest or least elements along an axis, and where they lie";
  let description = [{
    `values` are the first k elements of each line along `axis`, sorted from the largest, or with `largest = false` from the least;
    `indices` (i32) are their positions. NaN counts as larger than all numbers; of equals the one with the lower position comes first.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) the dtype of `x` is a number
    - (C3) `k` is at least 0 and at most the size of that axis
    - (C4) positions fit i32

    ```mlir
    %values, %indices = graph.top_k %x {k = 3 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, I64Attr:$k, DefaultValuedAttr<I64Attr, "-1">:$axis,
                       DefaultValuedAttr<BoolAttr, "true">:$largest);
  let results = (outs AnyRankedTensor:$values, AnyRankedTensor:$indices);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
