// What mixed precision (R31) may do with an op: a fact of the op, which the pass narrow-precision asks for. An op that says nothing
// computes in the dtype that the graph says: reductions, norms, softmax, losses.
#ifndef GRAPHC_DIALECTS_GRAPH_PRECISION_TD
#define GRAPHC_DIALECTS_GRAPH_PRECISION_TD
include "mlir/IR/OpBase.td"

/// A contraction: it takes 16-bit operands and makes its sums in f32.
def Graph_ContractsNarrow : NativeOpTrait<"ContractsNarrow"> {
  let cppNamespace = "::graphc::graph";
}
/// Moves elements or computes each of its own: in 16 bits where all that it reads is.
def Graph_FollowsNarrow : NativeOpTrait<"FollowsNarrow"> {
  let cppNamespace = "::graphc::graph";
}
/// Stays as wide as the graph says, although it is elementwise: its results leave the range of f16, or lose their digits in 8 bits,
/// for quite usual operands.
def Graph_StaysWide : NativeOpTrait<"StaysWide"> {
  let cppNamespace = "::graphc::graph";
}
#endif
