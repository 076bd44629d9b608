// Values that go along with the calls of a recursion (sums, tapes: compiler/autodiff/thread_values.h) lie in one place
// all the time. A function of the circle takes such a value as an input and gives its next version as an output; in
// between there is a chain of versions, each made by a run that may work in place of the one before. If nobody reads an
// older version behind the run that makes the next, all of the chain may be the output's memory, and the output the
// input's (graph.inplace): then no call copies anything.
//
// Whether a function may work so depends on those that it calls, which call it: all that the ends of the recursion
// allow is assumed first, and what turns out not to hold is taken back, until all that is assumed holds.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::lower {

/// Notes graph.inplace on outputs of the circle's functions, and of functions that these call, and makes versions in
/// the output. `circle`: functions that call each other (cyclesOf), between bufferization and plan-arena.
void placeVersions(llvm::ArrayRef<mlir::func::FuncOp> circle);
/// In the same functions, when they are final otherwise: an output that is handed through is not copied where it is the
/// input already.
void guardCopies(llvm::ArrayRef<mlir::func::FuncOp> circle);

} // namespace graphc::lower
