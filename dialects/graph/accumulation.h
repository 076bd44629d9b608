// Sums as graph ops, recognized: how a loop adds up over its turns.
#pragma once
#include "mlir/IR/Value.h"
#include <optional>
#include <utility>

namespace graphc::graph {

/// The terms, if the value is the sum of two tensors of its own type.
std::optional<std::pair<mlir::Value, mlir::Value>> termsOf(mlir::Value sum);
/// What the value is in another float dtype; null if it is no cast of floats.
mlir::Value castSource(mlir::Value value);

} // namespace graphc::graph
