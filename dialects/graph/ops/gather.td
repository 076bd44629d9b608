// Ops that take elements at positions that a tensor of integers says. A position outside is found when the entry runs.
include "dialects/graph/graph_dialect.td"

def Graph_GatherOp : Graph_Op<"gather", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Slices along an axis, at given positions";
  let description = [{
    As NumPy's `take`: `y[a..., i..., b...] = x[a..., index[i...], b...]`, where `a` are the axes of `x` before `axis` and `b` those
    behind it. A position outside of `x` is the status INDEX.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) `index` is i32 or i64
    - (C3) the result has at most 16 axes and fits some memory: less than 2^47 bytes

    ```mlir
    %y = graph.gather %x, %i {axis = 0 : i64} : tensor<4x8xf32>, tensor<3xi32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$index, I64Attr:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $index attr-dict `:` type($x) `,` type($index)";
}

def Graph_PickOp : Graph_Op<"pick", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "One element along an axis, for each position of the other axes";
  let description = [{
    `y[a..., b...] = x[a..., index[a..., b...], b...]`: `index` has the axes of `x` but for `axis`. A position outside of `x` is the
    status INDEX.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) `index` is i32 or i64
    - (C3) the shape of `index` is that of `x` without `axis`

    ```mlir
    %y = graph.pick %x, %i : tensor<4x8xf32>, tensor<4xi32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$index, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $index attr-dict `:` type($x) `,` type($index)";
}

def Graph_GatherElementsOp : Graph_Op<"gather_elements", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Elements at positions along an axis, one for each element of index";
  let description = [{
    `y[a..., i, b...] = x[a..., index[a..., i, b...], b...]` for every position of `index`. A position outside of `x` is the status
    INDEX.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) `index` is i32 or i64
    - (C3) `index` has the rank of `x`, and no axis but `axis` is longer than that of `x`

    ```mlir
    %y = graph.gather_elements %x, %i {axis = 1 : i64} : tensor<4x8xf32>, tensor<4x3xi32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$index, I64Attr:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $index attr-dict `:` type($x) `,` type($index)";
}

def Graph_GatherNdOp : Graph_Op<"gather_nd", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Slices at positions that name several axes at once";
  let description = [{
    The last axis of `index` holds vectors of k positions. `y[b..., i..., c...] = x[b..., index[b..., i..., 0], ...,
    index[b..., i..., k-1], c...]`: the first `batch_dims` axes b are those of both, the next k axes of `x` are chosen by the vector.
    A position outside of `x` is the status INDEX.

    Constraints:
    - (C1) `index` is i32 or i64
    - (C2) `index` has at least one axis, whose size is a number
    - (C3) `batch_dims` is not negative and less than the rank of `index`
    - (C4) `x` has `batch_dims` and k more axes
    - (C5) the first `batch_dims` axes have the same sizes in both

    ```mlir
    %y = graph.gather_nd %x, %i : tensor<4x8x5xf32>, tensor<3x2xi32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$index, DefaultValuedAttr<I64Attr, "0">:$batch_dims);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x `,` $index attr-dict `:` type($x) `,` type($index)";
}
