// Questions about control flow in functions of the graph.
#pragma once
#include "dialects/graph/activity.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::graph {

/// The first op of control flow that reverse mode of the function would have to pass and cannot, in it or in what it
/// calls; null if there
/// is none. Where a function has rules of its own (custom_derivative.h) they are passed, not its body.
mlir::Operation *findDerivedControl(mlir::func::FuncOp function);

bool isControl(mlir::Operation *op);

/// How a loop without a bound is reversed: states that are kept while it runs and on the way back, and turns that are
/// recorded at once (runtime/include/graphc/checkpoints.h). On graph.while, a pair: states in all, 4 or more, and
/// turns.
inline constexpr llvm::StringLiteral onlineAttr = "graph.online";
struct Online {
  int64_t rows, slots, tape;
};
/// Three states of four are rows while the loop runs. Fewer than 48 in all need more slots on the way back, or the last
/// long segment would cost too much (docs/decisions/2026-11-26-online-checkpoints.md).
Online onlineOf(WhileOp loop);

/// A tensor of so many of that type, along a new axis 0.
mlir::RankedTensorType rowsOf(mlir::Type type, Dim rows);

/// What of an op of control flow depends on operands and params that are derived by.
struct ControlActivity {
  Mask carries, results;
  Mask residuals;                                           // of reverse_while alone
  std::vector<std::pair<mlir::func::FuncOp, Mask>> regions; // with their arguments; conditions are not among them
};
/// A carry depends on them if its first value does or a turn makes it so: turns are taken until nothing is added.
ControlActivity controlActivity(Activity &activity, mlir::Operation *op, const Mask &operands, const Paths &params);

} // namespace graphc::graph
