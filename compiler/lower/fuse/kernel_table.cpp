// Equality of kernels is equality of their printed form: the printer is deterministic and covers attributes, types and
// body.
#include "compiler/lower/fuse/kernel_table.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace graphc;
using lower::KernelTable;

KernelTable::KernelTable(ModuleOp module) : module(module) {
  for (auto kernel : module.getOps<kern::KernelOp>()) names.try_emplace(canonicalText(kernel), kernel.getSymNameAttr());
}

std::string KernelTable::canonicalText(kern::KernelOp kernel) {
  StringAttr name = kernel.getSymNameAttr();
  kernel.setSymName("kernel");
  std::string text;
  llvm::raw_string_ostream stream(text);
  kernel->print(stream, OpPrintingFlags().printGenericOpForm());
  kernel.setSymNameAttr(name);
  return text;
}

kern::KernelOp KernelTable::draft(Location location, StringRef builder, ArrayRef<AffineMap> maps,
                                  TypeRange bodyArguments, bool hasBody) {
  OpBuilder b(module.getContext());
  OperationState state(location, kern::KernelOp::getOperationName());
  state.addAttribute("sym_name", b.getStringAttr("kernel"));
  state.addAttribute("builder", b.getStringAttr(builder));
  state.addAttribute("maps", b.getAffineMapArrayAttr(maps));
  Region *region = state.addRegion();
  if (hasBody)
    region->emplaceBlock().addArguments(bodyArguments, SmallVector<Location>(bodyArguments.size(), location));
  return cast<kern::KernelOp>(Operation::create(state));
}

FlatSymbolRefAttr KernelTable::intern(kern::KernelOp draft) {
  auto [entry, isNew] = names.try_emplace(canonicalText(draft), nullptr);
  if (!isNew) {
    draft->destroy();
    return FlatSymbolRefAttr::get(entry->second);
  }
  std::string name;
  do { // a parameter's path may look like a kernel's name
    name = ("k" + Twine(next++) + "." + draft.getBuilder()).str();
  } while (module.lookupSymbol(name));
  draft.setSymName(name);
  module.push_back(draft);
  entry->second = draft.getSymNameAttr();
  return FlatSymbolRefAttr::get(entry->second);
}

FlatSymbolRefAttr KernelTable::copyKernel(Location location, Type element) {
  AffineMap identity = AffineMap::getMultiDimIdentityMap(1, module.getContext());
  kern::KernelOp kernel = draft(location, "elementwise", {identity, identity}, {element});
  yieldFrom(kernel, kernel.getBody().getArgument(0));
  return intern(kernel);
}

LogicalResult lower::cloneOps(Block &body, kern::KernelOp kernel, IRMapping &map, ValueRange loopIndices,
                              function_ref<bool(Operation &)> isLeftOut) {
  OpBuilder b = OpBuilder::atBlockEnd(&kernel.getBody().front());
  auto bringConstants = [&](Operation &op) -> LogicalResult {
    for (Value operand : op.getOperands()) {
      if (map.contains(operand)) continue;
      Operation *outside = operand.getDefiningOp();
      if (!outside || !outside->hasTrait<OpTrait::ConstantLike>())
        return op.emitOpError("reads a value from outside its group's body");
      b.clone(*outside, map);
    }
    return success();
  };
  for (Operation &op : body) {
    if (isLeftOut && isLeftOut(op)) continue;
    if (failed(bringConstants(op))) return failure();
    if (op.hasTrait<OpTrait::IsTerminator>()) break;
    if (auto index = dyn_cast<linalg::IndexOp>(op)) {
      if (index.getDim() >= loopIndices.size()) return index.emitOpError("is not possible in this kind of group");
      map.map(index.getResult(), loopIndices[index.getDim()]);
      continue;
    }
    if (op.getNumRegions()) return op.emitOpError("has a region inside a group's scalar body");
    b.clone(op, map);
  }
  return success();
}

FailureOr<SmallVector<Value>> lower::cloneBody(Block &body, kern::KernelOp kernel, IRMapping &map,
                                               ValueRange loopIndices) {
  if (failed(cloneOps(body, kernel, map, loopIndices))) return failure();
  SmallVector<Value> results;
  for (Value value : body.getTerminator()->getOperands()) results.push_back(map.lookup(value));
  return results;
}

void lower::yieldFrom(kern::KernelOp kernel, ValueRange values) {
  OpBuilder::atBlockEnd(&kernel.getBody().front()).create<kern::YieldOp>(kernel.getLoc(), values);
}
