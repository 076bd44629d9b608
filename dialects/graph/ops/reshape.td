// Ops that give the same elements, in the same order, another shape.
include "dialects/graph/graph_attributes.td"
include "dialects/graph/graph_dialect.td"

def Graph_ReshapeOp : Graph_Op<"reshape", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "The same elements under another shape";
  let description = [{
    `y` has the elements of `x` in row-major order. One size of `shape` may be -1: the one that makes the numbers of elements equal.

    Constraints:
    - (C1) `shape` has as many elements as `x`
    - (C2) at most one size of `shape` is -1, and it can be found: the other sizes divide the number of elements and none is 0
    - (C3) the other sizes are not negative

    ```mlir
    %y = graph.reshape %x {shape = #graph.shape<() -> (2, -1)>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, Graph_ShapeAttr:$shape);
  let results = (outs AnyRankedTensor:$y);
  let hasFolder = 1;
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_ExpandDimsOp : Graph_Op<"expand_dims", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Axes of size 1 put in";
  let description = [{
    `y` has an axis of size 1 at each place that `axis` names; the places are counted in `y`.

    Constraints:
    - (C1) each of `axis` is an axis of `y`
    - (C2) `axis` names none twice

    ```mlir
    %y = graph.expand_dims %x {axis = array<i64: 0, -1>} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_SqueezeOp : Graph_Op<"squeeze", [Graph_Linear, Graph_FollowsNarrow]> {
  let summary = "Axes of size 1 taken out";
  let description = [{
    Without `axis` all axes whose size is the number 1.

    Constraints:
    - (C1) each of `axis` is an axis of `x`
    - (C2) `axis` names none twice
    - (C3) its size is the number 1

    ```mlir
    %y = graph.squeeze %x {axis = array<i64: 0>} : tensor<1x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, OptionalAttr<DenseI64ArrayAttr>:$axis);
  let results = (outs AnyRankedTensor:$y);
  let hasFolder = 1;
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
