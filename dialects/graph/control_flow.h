// Questions about control flow in functions of the graph.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::graph {

/// The first op of control flow that a derivative of the function has to pass, in it or in what it calls; null if there
/// is none. Where a function has rules of its own (custom_derivative.h) they are passed, not its body.
mlir::Operation *findDerivedControl(mlir::func::FuncOp function);

} // namespace graphc::graph
