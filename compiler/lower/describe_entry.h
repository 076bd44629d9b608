// From the IR to the plain LibraryDescription that codegen and package read: names, docs, dtypes, dims, bytes and the
// layout of the params block. Done before bufferization, while entries still have tensors and kern.parameter exists.
#pragma once
#include "compiler/support/library_description.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphc::lower {

/// Name, doc and all params with their offsets (64-aligned, in module order).
mlir::LogicalResult describeParams(mlir::ModuleOp module, support::LibraryDescription &library);
/// Appends the entry, or to the last one a variant of it; arenaBytes comes from plan-arena.
mlir::LogicalResult describeEntry(mlir::func::FuncOp entry, support::LibraryDescription &library);
/// Symbol of the entry's LLVM function.
std::string bodySymbol(mlir::func::FuncOp entry);

} // namespace graphc::lower
