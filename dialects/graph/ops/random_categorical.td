// random_categorical: a class drawn by its logit.
include "dialects/graph/graph_dialect.td"

def Graph_RandomCategoricalOp : Graph_Op<"random_categorical", [Graph_NoDerivative<"draws classes">]> {
  let summary = "Classes drawn with the probabilities softmax(logits), the classes along the last axis";
  let description = [{
    `y` is the first class c where `logits_c + g_c` is largest, with `g = -log(-log(u))` and u between 0 and 1 (52 bits of Philox 4x32-10
    under the key, of the element's position in `logits`), computed in f64: equal logits give equal classes at every ISA level.
    A class with the logit -inf or NaN is never drawn, unless all are like this: then 0 is. The result is i32 unless `dtype` says i64.

    Constraints:
    - (C1) the dtype of `logits` is a float
    - (C2) `logits` has an axis
    - (C3) the last one is not empty
    - (C4) `dtype` is i32 or i64
    - (C5) positions along it fit `dtype`
    - (C6) `key` is an i64 scalar

    ```mlir
    %y = graph.random_categorical %logits, %key : tensor<4x8xf32>, tensor<i64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$logits, AnyRankedTensor:$key, OptionalAttr<TypeAttr>:$dtype);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$logits `,` $key attr-dict `:` type($logits) `,` type($key)";
  let role = "draw";
}
