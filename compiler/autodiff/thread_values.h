// Values that go along with all calls of a recursion: each function on the way takes them behind its arguments and
// gives what has become of them behind its results, in the order in which the calls run. So a sum over all calls, or a
// tape, is one value that has one reader at a time; lower makes them in place (bufferize/versions_in_place.h).
#pragma once
#include "compiler/autodiff/derived_functions.h"

namespace graphc::autodiff {

/// Until values are threaded: a graph.write_parameter with this attribute adds its value to the sum of the param's
/// gradients.
inline constexpr llvm::StringLiteral addsGradientAttr = "graph.adds_gradient";

struct ThreadedValues {
  llvm::SmallVector<mlir::Type> fixed;  // those that functions take alone
  llvm::SmallVector<mlir::Type> moving; // those that they also give
  llvm::StringMap<unsigned> sums;       // by path of a param: which of `moving` is its sum
};

/// `declared` calls itself by way of `root`, which gets the values, as does all that calls `declared` or adds to sums
/// on the way. The body of `declared` is not written yet: calls of it take and give the values.
void threadValues(DerivedFunctions &derived, mlir::func::FuncOp root, mlir::func::FuncOp declared,
                  const ThreadedValues &values);

} // namespace graphc::autodiff
