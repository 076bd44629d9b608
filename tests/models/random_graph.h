// Random functions of the graph dialect, typed by the ops themselves: an op of the table is tried on values at hand
// with attributes of the right kinds, and taken if it infers a type. So every op takes part from the day it exists.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <random>

namespace graphc::test {

/// Appends an entry function `name` to the module: a few inputs, up to `nodes` ops, and about half of the
/// values as outputs.
mlir::func::FuncOp addRandomFunction(mlir::ModuleOp module, llvm::StringRef name, int64_t position, unsigned nodes,
                                     std::mt19937 &random);

} // namespace graphc::test
