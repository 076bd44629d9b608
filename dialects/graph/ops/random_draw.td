// Ops that draw each element of a tensor from one distribution.
include "dialects/graph/graph_dialect.td"

/// A graph may leave the key out: then the frontend takes the entry call's. In either case it gives each op a key of its own, made
/// from that one and the path of the node, so that an op is a pure function of its operands like any other.
class Graph_Draw<string mnemonic> : Graph_Op<mnemonic, [Graph_NoDerivative<"draws from its key alone">]> {
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$key attr-dict `:` type($key)";
  let role = "draw";
}

def Graph_RandomNormalOp : Graph_Draw<"random_normal"> {
  let summary = "A tensor of independent draws from the standard normal distribution";
  let description = [{
    `y_i` is the quantile of N(0, 1) at `(k_i + 1/2) / 2^n`, computed in f64 and rounded once. `k_i` are the next n bits of Philox
    4x32-10 under the key: one word (n = 32), two for f64 (the upper n = 52 of them). The same bits at every ISA level.

    Constraints:
    - (C1) the dtype of `type` is a float
    - (C2) its sizes are numbers or named dims, it has at most 16 axes, and fits some memory: less than 2^47 bytes
    - (C3) `key` is an i64 scalar

    ```mlir
    %y = graph.random_normal %key {type = tensor<4x8xf32>} : tensor<i64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$key, Graph_TypeAttr:$type);
}

def Graph_RandomUniformOp : Graph_Draw<"random_uniform"> {
  let summary = "A tensor of independent draws from the uniform distribution";
  let description = [{
    `y_i = low + (high - low) k_i / 2^n`, at least `low` and less than `high`, both rounded to the dtype. `k_i` are the upper n bits of
    what Philox 4x32-10 gives under the key: n = 24 of a word, n = 53 of two words for f64. Computed in f32 (f64 for f64), without fma:
    the same bits at every ISA level.

    Constraints:
    - (C1) the dtype of `type` is a float
    - (C2) its sizes are numbers or named dims, it has at most 16 axes, and fits some memory: less than 2^47 bytes
    - (C3) `key` is an i64 scalar
    - (C4) `low` is less than `high` in that dtype, and `high - low` is finite

    ```mlir
    %y = graph.random_uniform %key {type = tensor<4x8xf32>, low = -1.0 : f64} : tensor<i64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$key, Graph_TypeAttr:$type, DefaultValuedAttr<F64Attr, "0.0">:$low,
                       DefaultValuedAttr<F64Attr, "1.0">:$high);
}

def Graph_RandomBernoulliOp : Graph_Draw<"random_bernoulli"> {
  let summary = "A tensor of independent bools that are true with probability p";
  let description = [{
    `y_i` is true if `k_i < p 2^32`, p to the nearest multiple of 2^-32; `k_i` is the next word of Philox 4x32-10 under the key.

    Constraints:
    - (C1) the dtype of `type` is bool
    - (C2) its sizes are numbers or named dims, it has at most 16 axes, and fits some memory: less than 2^47 bytes
    - (C3) `key` is an i64 scalar
    - (C4) `0 <= p <= 1`

    ```mlir
    %y = graph.random_bernoulli %key {type = tensor<4x8xi1>, p = 0.5 : f64} : tensor<i64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$key, Graph_TypeAttr:$type, F64Attr:$p);
}
