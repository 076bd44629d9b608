// softmax and its logarithm: exponentials along one axis, normalized.
include "dialects/graph/graph_dialect.td"

def Graph_SoftmaxOp : Graph_Op<"softmax"> {
  let summary = "Exponentials along one axis, divided by their sum";
  let description = [{
    `y_i = e^(x_i - m) / sum over j of e^(x_j - m)`, with m the largest x_j, along `axis`.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) the dtype of `x` is a float

    ```mlir
    %y = graph.softmax %x {axis = 0 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Graph_LogSoftmaxOp : Graph_Op<"log_softmax"> {
  let summary = "Logarithm of softmax along one axis";
  let description = [{
    `y_i = (x_i - m) - log(sum over j of e^(x_j - m))`, with m the largest x_j, along `axis`.

    Constraints:
    - (C1) `axis` is an axis of `x`: `-rank <= axis < rank`
    - (C2) the dtype of `x` is a float

    ```mlir
    %y = graph.log_softmax %x {axis = 0 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
