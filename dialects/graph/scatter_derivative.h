// Derivatives of the scatters that replace or combine, in graph ops: one rule for both kinds of index.
#pragma once
#include "dialects/graph/derivative_rule.h"

namespace graphc::graph {

/// A scatter as its rules need it. `write(x, update, reduction)`, `read(x)`: this scatter on other tensors, and the
/// gather that belongs to it.
struct ScatterRule {
  mlir::Value x, update, y;
  llvm::StringRef reduction;
  llvm::function_ref<mlir::Value(mlir::Value, mlir::Value, llvm::StringRef)> write;
  llvm::function_ref<mlir::Value(mlir::Value)> read;
};

void jvpOfScatter(mlir::Operation *op, RuleBuilder &b, const ScatterRule &rule, JvpState &state);
void vjpOfScatter(RuleBuilder &b, const ScatterRule &rule, VjpState &state);

} // namespace graphc::graph
