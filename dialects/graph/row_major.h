// Positions in row-major tensors of concrete shape, for reference evaluation.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace graphc::graph {

/// Calls `visit` with every index of the shape, in row-major order; none if an axis is empty.
void forEachIndex(llvm::ArrayRef<int64_t> shape, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit);
/// Where the element lies.
int64_t flatIndex(llvm::ArrayRef<int64_t> index, llvm::ArrayRef<int64_t> shape);

} // namespace graphc::graph
