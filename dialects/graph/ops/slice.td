// slice: a part of a tensor, at regular steps.
include "dialects/graph/graph_dialect.td"

def Graph_SliceOp : Graph_Op<"slice", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "A part of a tensor along some axes, at regular steps";
  let description = [{
    As NumPy's `x[start:stop:step]`, one entry for each of `axis` (by default the first axes): negative positions count from the end,
    positions outside are moved to the end they lie beyond, a negative step walks backwards. Without `stop` to the end (with a
    negative step: to the first element, included). One entry stands for all of `axis`.

    Constraints:
    - (C1) each of `axis` is an axis of `x`
    - (C2) `axis` names none twice
    - (C3) `start`, `stop` and `step` have one entry, or one for each of `axis`
    - (C4) no step is 0
    - (C5) the size of the result is a number or an expression of the named dims, whatever value they take

    ```mlir
    %y = graph.slice %x {start = array<i64: 1>, stop = array<i64: -1>, axis = array<i64: 1>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$start, OptionalAttr<DenseI64ArrayAttr>:$stop,
                       OptionalAttr<DenseI64ArrayAttr>:$step, OptionalAttr<DenseI64ArrayAttr>:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_FlipOp : Graph_Op<"flip", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Backwards along some axes";
  let description = [{
    `y[..., i, ...] = x[..., size - 1 - i, ...]` for each of `axis`.

    Constraints:
    - (C1) each of `axis` is an axis of `x`
    - (C2) `axis` names none twice

    ```mlir
    %y = graph.flip %x {axis = array<i64: 0>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_TileOp : Graph_Op<"tile", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Repeated as a whole along axes";
  let description = [{
    `y[i_0, ..., i_n] = x[i_0 mod size_0, ..., i_n mod size_n]`, with `repeats[k]` times the size of `x` along axis k. One entry stands
    for all axes.

    Constraints:
    - (C1) `repeats` has one entry, or one for each axis of `x`
    - (C2) its entries are 0 to 2^40
    - (C3) the result fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.tile %x {repeats = array<i64: 2, 1>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$repeats);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
