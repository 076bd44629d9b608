// A tensor with its axes in another order, as one copy.
#pragma once
#include "dialects/graph/lowering.h"

namespace graphc::graph {

/// Axis i of the result is axis perm[i] of the tensor, which has this shape. Nothing where perm keeps the order.
mlir::Value permuted(Lowering &lowering, mlir::Value tensor, llvm::ArrayRef<Dim> shape, llvm::ArrayRef<int64_t> perm);

} // namespace graphc::graph
