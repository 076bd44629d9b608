// How the shapes of x, of a tensor of positions into it, and of what is taken from there or put there belong together:
// one rule for each kind of position, shared by the ops that read (gather...) and those that write (scatter...).
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/shape_error.h"

namespace graphc::graph {

/// Positions along `axis`, a slice of x for each: x with the axes of index in place of `axis`.
Shape takenShape(llvm::ArrayRef<Dim> x, llvm::ArrayRef<Dim> index, int64_t axis);

/// Vectors of positions in the last axis of index, a slice of x for each: the axes of index but the last, then those of
/// x that no vector names. Errors are about operand 1, the index.
mlir::FailureOr<Shape> slicesShape(std::optional<mlir::Location> location, llvm::ArrayRef<Dim> x,
                                   llvm::ArrayRef<Dim> index, int64_t batchDims);

/// Positions along `axis`, an element of x for each: index has the rank of x and lies within it along all other axes.
mlir::LogicalResult checkedWithin(std::optional<mlir::Location> location, llvm::ArrayRef<Dim> index,
                                  llvm::ArrayRef<Dim> x, int64_t axis);
/// Joins the axes before `axis` to one and those behind it to one, where both shapes agree there; `axis` moves along.
void flattenAround(int64_t &axis, Shape &index, Shape &x);

} // namespace graphc::graph
