// The file's "dims": integers, expressions of other dims in any order, and sizes known only when called.
#pragma once
#include "compiler/frontend/program.h"
#include "dialects/graph/function_dims.h"

namespace graphc::frontend {
/// Fills scope.dims. False after reporting; dims with mistakes are then 1.
bool readDims(FileScope &scope, Program &program);
/// Reports an entry for which "specialize" of its dims asks for too many combinations.
void checkVariants(mlir::func::FuncOp entry, graph::FunctionDims &dims, Program &program);
} // namespace graphc::frontend
