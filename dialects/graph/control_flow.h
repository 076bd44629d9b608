// Questions about control flow in functions of the graph.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::graph {

/// The first op of control flow in the function or in one that it calls; null if there is none.
mlir::Operation *findControl(mlir::func::FuncOp function);

} // namespace graphc::graph
