// What crosses from @f.fwd to @f.bwd: of what the reverse pass reads, and what that is computed from, the least from
// which all of it can be made again cheaply (a least cut, D3 of the design).
#pragma once
#include "dialects/graph/dim.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseSet.h"
#include <optional>

namespace graphc::autodiff {

/// `read`: values of the body of one function. `isThere`: whoever calls has it anyway. Values in the answer are kept;
/// what else is read is made again from them, by ops that have a price of repeating.
llvm::DenseSet<mlir::Value> chooseResiduals(llvm::ArrayRef<mlir::Value> read,
                                            llvm::function_ref<bool(mlir::Value)> isThere);

/// The two prices between which the cut decides, in floating-point operations.
int64_t priceOfKeeping(mlir::Value value, bool isThere);
/// nullopt: never.
std::optional<int64_t> priceOfRepeating(mlir::Value value);

/// Named dims count as a size that networks have, within their bounds; their largest may be far from all that is ever
/// called.
int64_t usualValue(const graph::Dim &size);

} // namespace graphc::autodiff
