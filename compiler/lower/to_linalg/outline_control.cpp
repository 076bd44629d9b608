// outline-control: each op of control flow moves into a function of its own, with a call in its place. From here on it
// is to every pass a function that is called, with its sizes, its destinations and its part of the arena; only
// make-borders looks inside (control_borders.h). Regions are functions from the frontend on, so nothing else has to
// move.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/graph/control_flow.h"

using namespace mlir;
using namespace graphc;

namespace {
struct OutlineControl : PassWrapper<OutlineControl, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OutlineControl)
  StringRef getArgument() const final { return "outline-control"; }
  StringRef getDescription() const final { return "Move each op of control flow into a function of its own"; }

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<Operation *> found;
    getOperation().walk([&](Operation *op) {
      if (graph::isControl(op)) found.push_back(op);
    });
    for (Operation *op : found) outline(op, symbols);
  }

  static void outline(Operation *op, SymbolTable &symbols) {
    if (isOpTriviallyDead(op)) return op->erase();
    auto around = op->getParentOfType<func::FuncOp>();
    OpBuilder b(around);
    auto function =
        b.create<func::FuncOp>(op->getLoc(), (around.getSymName() + "." + op->getName().stripDialect()).str(),
                               b.getFunctionType(op->getOperandTypes(), op->getResultTypes()));
    function.setPrivate();
    function->setAttr(lower::controlAttr, b.getUnitAttr());
    symbols.insert(function); // under a name that is free
    Block *block = function.addEntryBlock();
    b.setInsertionPoint(op);
    auto call = b.create<graph::CallOp>(op->getLoc(), op->getResultTypes(),
                                        FlatSymbolRefAttr::get(function.getSymNameAttr()), op->getOperands());
    op->replaceAllUsesWith(call);
    op->moveBefore(block, block->end());
    op->setOperands(block->getArguments());
    b.setInsertionPointToEnd(block);
    b.create<func::ReturnOp>(op->getLoc(), op->getResults());
  }
};
} // namespace

std::unique_ptr<Pass> lower::createOutlineControlPass() { return std::make_unique<OutlineControl>(); }
