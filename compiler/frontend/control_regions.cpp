// control_regions.h.
#include "compiler/frontend/control_regions.h"

namespace graphc::frontend {

ControlRegions::~ControlRegions() {
  for (Region &region : regions)
    if (region.function && !kept) region.function.erase();
  builder.restoreInsertionPoint(around.saveInsertionPoint());
}

ControlRegions::Region *ControlRegions::buildRegion(const RegionDefinition &definition,
                                                    llvm::ArrayRef<mlir::Type> arguments, bool isLoop) {
  size_t before = errorCount();
  Region &region = regions.emplace_back();
  region.definition = &definition;
  mlir::OpBuilder top = mlir::OpBuilder::atBlockEnd(body.program.module.getBody());
  std::string name =
      body.variant + regionMark + (node.name.empty() ? node.callee.string().str() : node.name) + "." + definition.word;
  std::string unique = name;
  for (unsigned i = 1; body.program.module.lookupSymbol(unique); ++i) unique = name + std::to_string(i);
  region.function = top.create<mlir::func::FuncOp>(location(), unique, top.getFunctionType(arguments, {}));
  region.function.setPrivate();
  region.block = region.function.addEntryBlock();
  Frame &inner = region.frame = frame;
  inner.definition = &definition.content;
  inner.effects = {};
  inner.nodeEffects.assign(definition.content.nodes.size() + 1, {});
  inner.node = definition.content.nodes.size();
  inner.drawPath += (node.name.empty() ? frame.drawNode : node.name) + "." + definition.word + ".";
  if (isLoop) inner.turns.push_back(region.block->getArgument(0));
  builder.setInsertionPointToEnd(region.block);
  // The names come in the order of read_control.cpp: index, sequences, carries. The arguments: turn, carries,
  // sequences.
  size_t carries = control.carries.size();
  for (auto [i, carry] : llvm::enumerate(control.carries))
    body.bind(inner, carry.name, region.block->getArgument(isLoop + i), "carried from turn to turn",
              carry.json.keySpan());
  if (definition.word == "body" && control.index)
    body.bind(inner, control.index.string(), region.block->getArgument(0), "the number of the turn",
              control.index.span());
  if (definition.word == "body")
    for (auto [i, over] : llvm::enumerate(control.over))
      body.bind(inner, over.name, region.block->getArgument(isLoop + carries + i), "slice of this sequence",
                over.json.keySpan());
  body.buildNodes(inner);
  for (const OutputDefinition &output : definition.content.outputs)
    region.outputs.push_back(body.operandValue(inner, output.value));
  body.checkEffectOrder(inner);
  body.lintUnused(inner);
  body.effectsHere(frame).add(inner.effects);
  bool good =
      errorCount() == before && llvm::none_of(region.outputs, [](const OperandValue &o) { return o.poisoned(); });
  return good ? &region : nullptr;
}

bool ControlRegions::settle(Region &region, OperandValue &output, mlir::RankedTensorType type) {
  if (!output.number) return true;
  builder.setInsertionPointToEnd(region.block);
  output.value = body.constant(type, *output.number, output.span, region.frame);
  output.number.reset();
  return bool(output.value);
}

void ControlRegions::returnFrom(Region &region, llvm::ArrayRef<mlir::Value> results) {
  builder.setInsertionPointToEnd(region.block);
  builder.create<mlir::func::ReturnOp>(location(), results);
}

/// It can be made again anywhere.
static bool standsAlone(mlir::Operation *op) {
  return op && op->getNumOperands() == 0 && op->getNumRegions() == 0 && mlir::isMemoryEffectFree(op);
}

/// What regions see of the values around becomes arguments of all of them.
void ControlRegions::capture() {
  for (Region &region : regions)
    for (mlir::Operation &op : *region.block)
      for (mlir::Value operand : op.getOperands())
        if (operand.getParentBlock() != region.block && !standsAlone(operand.getDefiningOp())) captures.insert(operand);
  for (Region &region : regions) {
    llvm::DenseMap<mlir::Value, mlir::Value> inside;
    for (mlir::Value captured : captures)
      inside[captured] = region.block->addArgument(captured.getType(), captured.getLoc());
    builder.setInsertionPointToStart(region.block);
    for (mlir::Operation &op : *region.block)
      for (mlir::OpOperand &operand : op.getOpOperands()) {
        if (operand.get().getParentBlock() == region.block) continue;
        mlir::Value &own = inside[operand.get()];
        if (!own) {
          auto result = mlir::cast<mlir::OpResult>(operand.get());
          own = builder.clone(*result.getOwner())->getResult(result.getResultNumber());
        }
        operand.set(own);
      }
  }
}

bool ControlRegions::finishRegions(bool isLoop) {
  capture();
  bool usesTurn =
      isLoop && llvm::any_of(regions, [](Region &region) { return !region.block->getArgument(0).use_empty(); });
  for (Region &region : regions) {
    if (isLoop && !usesTurn) region.block->eraseArgument(0);
    llvm::SmallVector<mlir::Type> results;
    for (mlir::Value result : region.block->getTerminator()->getOperands()) results.push_back(result.getType());
    region.function.setFunctionType(builder.getFunctionType(region.block->getArgumentTypes(), results));
  }
  builder.restoreInsertionPoint(around.saveInsertionPoint());
  kept = true;
  return usesTurn;
}

} // namespace graphc::frontend
