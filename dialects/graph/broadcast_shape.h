// NumPy's broadcasting rule (R9): shapes are aligned at the right, a size of 1 stretches (a named dim never counts as
// 1).
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/shape_error.h"
#include "mlir/IR/AffineMap.h"

namespace graphc::graph {

/// The shape that operands `a` and `b` (by number) have together, or G3001 about b and a.
mlir::FailureOr<Shape> broadcastShape(std::optional<mlir::Location> location, llvm::ArrayRef<Dim> a, int operandA,
                                      llvm::ArrayRef<Dim> b, int operandB);

/// Where element (d0, d1, ...) of the broadcast `shape` lies in a tensor of shape `from`: a projection, 0 along
/// stretched axes.
mlir::AffineMap broadcastMap(mlir::MLIRContext *context, llvm::ArrayRef<Dim> from, llvm::ArrayRef<Dim> shape);

/// The same for row-major memory: elements to step per axis of `shape`, 0 along stretched axes.
llvm::SmallVector<int64_t> broadcastStrides(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> shape);

} // namespace graphc::graph
