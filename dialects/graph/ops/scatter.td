// Ops that put elements at positions that a tensor of integers says. Updates come one after the other, in row-major order of `update`,
// so that results never depend on threads. A position outside is found when the entry runs.
include "dialects/graph/graph_dialect.td"

def Graph_ScatterAddOp : Graph_Op<"scatter_add", [Graph_Linear]> {
  let summary = "Slices added along an axis at given positions";
  let description = [{
    `y = x`, then `y[a..., index[i...], b...] += update[a..., i..., b...]` for every i: the dual of `gather`. f16 and bf16 are added in
    f32 and rounded once. A position outside of `x` is the status INDEX.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) `index` is i32 or i64
    - (C3) `x` and `update` have one dtype, a number
    - (C4) the shape of `update` is that of `gather(x, index)`

    ```mlir
    %y = graph.scatter_add %x, %i, %u : tensor<4x8xf32>, tensor<3xi32>, tensor<3x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$index, AnyRankedTensor:$update, DefaultValuedAttr<I64Attr, "0">:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $index `,` $update attr-dict `:` type($x) `,` type($index) `,` type($update)";
}

def Graph_ScatterElementsOp : Graph_Op<"scatter_elements"> {
  let summary = "Elements put at positions along an axis, one for each element of index";
  let description = [{
    `y = x`, then `y[a..., index[a..., i, b...], b...] = update[a..., i, b...]` for every position of `index`, or with `reduction` "add",
    "mul", "min", "max" what these make of both. Of several updates of one place the last stays. A position outside of `x` is the status
    INDEX.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) `index` is i32 or i64
    - (C3) `x` and `update` have one dtype, a number unless `reduction` is "none"
    - (C4) `index` has the rank of `x`, and no axis but `axis` is longer than that of `x`
    - (C5) `update` has the shape of `index`
    - (C6) `reduction` is "none", "add", "mul", "min" or "max"

    ```mlir
    %y = graph.scatter_elements %x, %i, %u {axis = 0 : i64} : tensor<4x8xf32>, tensor<3x8xi32>, tensor<3x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$index, AnyRankedTensor:$update, I64Attr:$axis,
                       DefaultValuedAttr<StrAttr, "\"none\"">:$reduction);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $index `,` $update attr-dict `:` type($x) `,` type($index) `,` type($update)";
}

def Graph_ScatterNdOp : Graph_Op<"scatter_nd"> {
  let summary = "Slices put at positions that name several axes at once";
  let description = [{
    The last axis of `index` holds vectors of k positions. `y = x`, then `y[index[i..., 0], ..., index[i..., k-1], c...] =
    update[i..., c...]` for every i, or what `reduction` makes of both. Of several updates of one place the last stays. A position
    outside of `x` is the status INDEX.

    Constraints:
    - (C1) `index` is i32 or i64
    - (C2) `x` and `update` have one dtype, a number unless `reduction` is "none"
    - (C3) `index` has at least one axis, and the size of its last is a number, at most the rank of `x`
    - (C4) the shape of `update` is that of `gather_nd(x, index)`
    - (C5) `reduction` is "none", "add", "mul", "min" or "max"

    ```mlir
    %y = graph.scatter_nd %x, %i, %u : tensor<4x8x5xf32>, tensor<3x2xi32>, tensor<3x5xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$index, AnyRankedTensor:$update,
                       DefaultValuedAttr<StrAttr, "\"none\"">:$reduction);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $index `,` $update attr-dict `:` type($x) `,` type($index) `,` type($update)";
}

def Graph_UpdateSliceOp : Graph_Op<"update_slice", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "A block replaced at a position known when the entry runs";
  let description = [{
    `y = x`, but `y[start[0] + i_0, ..., start[n] + i_n] = update[i_0, ..., i_n]`. With `axis`, `start` holds the positions along these
    axes alone (of one axis a scalar will do), the block begins at 0 along the others. In place where nothing else reads `x`: then only
    the block is touched. A block that does not lie in `x` is the status INDEX.

    Constraints:
    - (C1) `x` and `update` have one dtype and one rank
    - (C2) `start` is i32 or i64, a vector of one position for each of `axis`, without it for each axis of `x`; for one `axis` also a
      scalar
    - (C3) `update` is no longer than `x` along any axis
    - (C4) each of `axis` is an axis of `x`
    - (C5) `axis` names none twice

    ```mlir
    %y = graph.update_slice %x, %u, %s {axis = array<i64: 0>} : tensor<4x8xf32>, tensor<1x8xf32>, tensor<i32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$update, AnyRankedTensor:$start, OptionalAttr<DenseI64ArrayAttr>:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $update `,` $start attr-dict `:` type($x) `,` type($update) `,` type($start)";
}
