// Which named dims a function depends on: those that its types, its attributes and its demands speak of, and those that
// it passes on to a function it calls. They become its arguments in the library, so whoever needs to know them asks
// here.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace graphc::graph {

/// Remembers what it found: functions must not change as long as it is asked.
class FunctionDims {
public:
  /// In the order of the module's graph.dims, which is the file's.
  llvm::ArrayRef<DimAttr> of(mlir::func::FuncOp function);

private:
  /// What the op calls, with the types of what it passes.
  llvm::SmallVector<std::pair<mlir::func::FuncOp, llvm::SmallVector<mlir::Type>>> calleesOf(mlir::Operation *op);
  /// As far as its callees are known.
  llvm::SmallVector<DimAttr> find(mlir::func::FuncOp function);
  mlir::SymbolTableCollection symbols;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<DimAttr>> known;
};

} // namespace graphc::graph
