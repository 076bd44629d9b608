// region_functions.h.
#include "dialects/graph/region_functions.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace graphc::graph {

func::FuncOp openRegion(ModuleOp module, Location location, StringRef name, ArrayRef<Type> arguments) {
  std::string unique = name.str();
  for (unsigned i = 1; module.lookupSymbol(unique); ++i) unique = name.str() + std::to_string(i);
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  auto region = b.create<func::FuncOp>(location, unique, b.getFunctionType(arguments, {}));
  region.setPrivate();
  region.addEntryBlock();
  return region;
}

/// It can be made again anywhere.
static bool standsAlone(Operation *op) {
  return op && op->getNumOperands() == 0 && op->getNumRegions() == 0 && isMemoryEffectFree(op);
}

/// In the place of each captured value its argument, of any other value around a copy of what makes it.
static void readInside(Block &block, ArrayRef<Value> captures) {
  llvm::DenseMap<Value, Value> inside;
  for (Value captured : captures) inside[captured] = block.addArgument(captured.getType(), captured.getLoc());
  OpBuilder b = OpBuilder::atBlockBegin(&block);
  for (Operation &op : block)
    for (OpOperand &operand : op.getOpOperands()) {
      if (operand.get().getParentBlock() == &block) continue;
      Value &own = inside[operand.get()];
      if (!own) {
        auto result = cast<OpResult>(operand.get());
        own = b.clone(*result.getOwner())->getResult(result.getResultNumber());
      }
      operand.set(own);
    }
}

ClosedRegions closeRegions(ArrayRef<func::FuncOp> regions, bool isLoop) {
  ClosedRegions closed;
  for (func::FuncOp region : regions)
    for (Operation &op : region.front())
      for (Value operand : op.getOperands())
        if (operand.getParentBlock() != &region.front() && !standsAlone(operand.getDefiningOp()))
          closed.captures.insert(operand);
  closed.usesTurn =
      isLoop && llvm::any_of(regions, [](func::FuncOp region) { return !region.getArgument(0).use_empty(); });
  for (func::FuncOp region : regions) {
    Block &block = region.front();
    if (isLoop && !closed.usesTurn) block.eraseArgument(0);
    readInside(block, closed.captures.getArrayRef());
    region.setFunctionType(
        FunctionType::get(region.getContext(), block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
  }
  return closed;
}

} // namespace graphc::graph
