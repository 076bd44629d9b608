// What every call of a recursion makes anew of params, constants and arguments that it only hands on is made once, by
// who calls the recursion from outside: above all a weight as panels. The result becomes one more argument of all
// functions of the circle (hoist_runs.cpp does the same for loops and says why on groups).
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::lower {

/// `circle`: functions that call each other (cyclesOf), before make-borders. True if something has moved.
bool hoistFromRecursion(llvm::ArrayRef<mlir::func::FuncOp> circle);

/// A run without effects, of static sizes: the same operands give the same bytes.
bool isRepeatable(mlir::Operation *run);
/// A constant, or a param that is not read as a state.
bool isSameEverywhere(mlir::Operation *maker);
/// The arguments that are tensors: they come first.
unsigned tensorArguments(mlir::func::FuncOp function);

} // namespace graphc::lower
