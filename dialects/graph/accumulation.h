// Sums as graph ops: how a loop adds up over its turns, recognized, and how a recursion does over its calls, made.
#pragma once
#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"
#include <optional>
#include <utility>

namespace graphc::graph {

/// The terms, if the value is the sum of two tensors of its own type.
std::optional<std::pair<mlir::Value, mlir::Value>> termsOf(mlir::Value sum);
/// The sum with one term more, of its own element type. A scatter into zeros adds to the sum itself, so that no more is
/// touched than its places.
mlir::Value addedTo(mlir::OpBuilder &b, mlir::Value sum, mlir::Value term);
/// Of a tensor of rows: with `row` in place of row `at`, an integer scalar; that row.
mlir::Value withRow(mlir::OpBuilder &b, mlir::Value rows, mlir::Value row, mlir::Value at);
mlir::Value rowAt(mlir::OpBuilder &b, mlir::Value rows, mlir::Value at);
/// What the value is in another float dtype; null if it is no cast of floats.
mlir::Value castSource(mlir::Value value);

} // namespace graphc::graph
