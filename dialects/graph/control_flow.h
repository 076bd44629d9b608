// Questions about control flow in functions of the graph.
#pragma once
#include "dialects/graph/activity.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::graph {

/// The first loop without a bound that reverse mode of the function would have to pass and cannot, in it or in what it
/// calls, because its turns touch state or its way back is to be gone back itself; null if there is none. Where a
/// function has rules of its own (custom_derivative.h) they are passed, not its body.
mlir::Operation *findDerivedControl(mlir::func::FuncOp function);

bool isControl(mlir::Operation *op);

/// `results`: what the op says that the callee gives.
mlir::LogicalResult verifyCall(mlir::Operation *op, mlir::SymbolTableCollection &tables, const CalledFunction &call,
                               mlir::TypeRange results);

/// Of the number of a turn, and of how many came.
mlir::RankedTensorType turnType(mlir::MLIRContext *context);
/// A tensor of `count` rows of this type, along a new axis 0; and the type of its rows.
mlir::RankedTensorType rowsOf(mlir::Type row, const Dim &count);
mlir::RankedTensorType rowOf(mlir::Type rows);

/// The function may run twice where it ran once: neither it nor what it calls reads or writes state.
bool mayRunAgain(mlir::func::FuncOp function);

/// What of an op of control flow depends on operands and params that are derived by.
struct ControlActivity {
  Mask carries, results;
  Mask residuals;                                           // of reverse_while alone
  std::vector<std::pair<mlir::func::FuncOp, Mask>> regions; // with their arguments; conditions are not among them
};
/// A carry depends on them if its first value does or a turn makes it so: turns are taken until nothing is added.
ControlActivity controlActivity(Activity &activity, mlir::Operation *op, const Mask &operands, const Paths &params);

} // namespace graphc::graph
