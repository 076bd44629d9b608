// Copies of regular parts of a tensor, most of them one graph.loops over strides: a view in NumPy's sense (slices,
// flips, repeats) made dense, and several tensors joined along an axis. Axes that step as one are merged, so that the
// inner loop is as long as the memory allows.
#pragma once
#include "dialects/graph/loop_writer.h"

namespace graphc::graph {

/// On a graph.loops, and on the run that is made of it, which only moves what is one piece of memory, so that it may
/// stay where it is (place-parts). Unit. Part: the result is so many elements of the one in, from one on; the first two
/// sizes say which. Join: the result is the ins, one behind the other; the first sizes are the elements of each.
inline constexpr llvm::StringLiteral partAttr = "graph.part", joinAttr = "graph.join";

/// `count` elements, each `stride` after the last (0: the same one again; negative: backwards).
struct StridedAxis {
  Dim count, stride;
};
/// The dense tensor of shape `result` whose row-major elements are those of x that the axes visit from `offset` on.
mlir::Value stridedCopy(Lowering &lowering, mlir::Value x, const Dim &offset, llvm::ArrayRef<StridedAxis> axes,
                        llvm::ArrayRef<Dim> result);
/// What x has of `axis` from `offset` on, as much as `result` has there. One of few equal parts is a linalg.generic,
/// which its reader can take in: it reads the part where it lies.
mlir::Value takePart(Lowering &lowering, mlir::Value x, llvm::ArrayRef<Dim> shape, size_t axis, const Dim &offset,
                     llvm::ArrayRef<Dim> result);
/// One axis per size, row-major: what visits a whole tensor.
llvm::SmallVector<StridedAxis> denseAxes(llvm::ArrayRef<Dim> shape);

/// Tensors of one dtype, each `outer` runs of its own length, joined run by run to the shape `result`.
mlir::Value joinRuns(Lowering &lowering, mlir::ValueRange tensors, const Dim &outer, llvm::ArrayRef<Dim> runs,
                     llvm::ArrayRef<Dim> result);

} // namespace graphc::graph
