// NumPy's broadcasting rule (R9): shapes are aligned at the right, a size of 1 stretches.
#pragma once
#include "dialects/graph/shape_error.h"
#include "mlir/IR/AffineMap.h"

namespace graphc::graph {

/// The shape that operands `a` and `b` (by number) have together, or G3001 about b and a.
mlir::FailureOr<llvm::SmallVector<int64_t>> broadcastShape(std::optional<mlir::Location> location,
                                                           llvm::ArrayRef<int64_t> a, int operandA,
                                                           llvm::ArrayRef<int64_t> b, int operandB);

/// Where element (d0, d1, ...) of the broadcast `shape` lies in a tensor of shape `from`: a projection, 0 along
/// stretched axes.
mlir::AffineMap broadcastMap(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> shape);

/// The same for row-major memory: elements to step per axis of `shape`, 0 along stretched axes.
llvm::SmallVector<int64_t> broadcastStrides(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> shape);

} // namespace graphc::graph
