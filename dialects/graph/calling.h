// Ops that name functions of the graph (calling.td).
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/SmallVector.h"

namespace graphc::graph {
struct CalledFunction {
  llvm::StringRef attribute; // of the op, which holds `callee`
  mlir::FlatSymbolRefAttr callee;
  llvm::SmallVector<mlir::Type> operands; // what the callee's arguments get, by position
};
} // namespace graphc::graph

#include "dialects/graph/calling.h.inc"
