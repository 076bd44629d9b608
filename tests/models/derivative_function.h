// A function around one graph.derivative: what tests of derivatives expand and evaluate.
#pragma once
#include "dialects/graph/activity.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphc::test {

/// Some op of the function, or of what it calls, has a derivative that nobody wrote: the frontend refuses to derive it.
inline bool lacksRules(mlir::func::FuncOp f) {
  mlir::SymbolTable symbols(f->getParentOfType<mlir::ModuleOp>());
  bool missing = false;
  for (mlir::Operation *function : graph::functionsBelow(f, symbols))
    function->walk([&](mlir::Operation *op) { missing |= graph::lacksRule(op); });
  return missing;
}

/// A function that takes f's arguments and then tangents (or cotangents), and returns the derivatives alone.
inline mlir::func::FuncOp derivativeFunction(mlir::ModuleOp module, llvm::StringRef name, llvm::StringRef kind,
                                             mlir::func::FuncOp f, llvm::ArrayRef<int64_t> wrt,
                                             llvm::ArrayRef<int64_t> of) {
  mlir::OpBuilder b = mlir::OpBuilder::atBlockEnd(module.getBody());
  llvm::SmallVector<mlir::Type> arguments(f.getArgumentTypes()), derivatives;
  for (int64_t i : wrt) (kind == "jvp" ? arguments : derivatives).push_back(f.getArgumentTypes()[i]);
  for (int64_t i : of) (kind == "jvp" ? derivatives : arguments).push_back(f.getResultTypes()[i]);
  auto made = b.create<mlir::func::FuncOp>(f.getLoc(), name, b.getFunctionType(arguments, derivatives));
  b.setInsertionPointToEnd(made.addEntryBlock());
  llvm::SmallVector<mlir::Type> results(f.getResultTypes());
  results.append(derivatives);
  auto op = b.create<graph::DerivativeOp>(f.getLoc(), results, kind, f.getSymName(), made.getArguments(),
                                          b.getDenseI64ArrayAttr(wrt), b.getDenseI64ArrayAttr(of), b.getArrayAttr({}));
  b.create<mlir::func::ReturnOp>(f.getLoc(), op.getResults().drop_front(f.getNumResults()));
  return made;
}

} // namespace graphc::test
