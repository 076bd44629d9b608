// Random functions of the graph dialect, typed by the ops themselves: an op of the table is tried on values at hand
// with attributes of the right kinds, and taken if it infers a type. So every op takes part from the day it exists.
// Control flow and calls, which are structure, are made by name (random_control.cpp).
#pragma once
#include "dialects/graph/graph_attributes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <random>

namespace graphc::test {

struct RandomGraph {
  unsigned nodes = 8;   // at most, regions apart
  bool control = false; // with if, while, scan and calls, nested and with captures, and named dims
  bool doubles = false; // every float is f64
};

/// Appends an entry function `name` to the module: a few inputs, up to `kind.nodes` ops, and about half of the values
/// as outputs. What it calls stands behind it.
mlir::func::FuncOp addRandomFunction(mlir::ModuleOp module, llvm::StringRef name, int64_t position,
                                     const RandomGraph &kind, std::mt19937 &random);

/// Makes a function of such a module an entry of the library.
void setEntry(mlir::func::FuncOp function, int64_t position);

/// What a named dim is in the calls of this seed.
int64_t randomSize(graph::DimAttr dim, unsigned seed);

} // namespace graphc::test
