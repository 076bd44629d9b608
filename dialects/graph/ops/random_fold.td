// random_fold: a key made from a key.
include "dialects/graph/graph_dialect.td"

def Graph_RandomFoldOp : Graph_Op<"random_fold", [Graph_NoDerivative<"gives a key">]> {
  let summary = "A key that depends on a key and a number";
  let description = [{
    The first two words of Philox 4x32-10 under the key for the counter (i, 1, 0): keys for other i are other streams, and none of them
    is the stream of `key` itself.

    Constraints:
    - (C1) `key` is an i64 scalar
    - (C2) `i` is an i32 or i64 scalar

    ```mlir
    %y = graph.random_fold %key, %i : tensor<i64>, tensor<i64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$key, AnyRankedTensor:$i);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$key `,` $i attr-dict `:` type($key) `,` type($i)";
  let role = "fold_key";
}
