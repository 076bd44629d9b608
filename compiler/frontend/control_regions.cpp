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
  std::string name =
      body.variant + regionMark + (node.name.empty() ? node.callee.string().str() : node.name) + "." + definition.word;
  region.function = graph::openRegion(body.program.module, location(), name, arguments);
  region.block = &region.function.front();
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

bool ControlRegions::finishRegions(bool isLoop) {
  llvm::SmallVector<mlir::func::FuncOp> functions;
  for (Region &region : regions) functions.push_back(region.function);
  graph::ClosedRegions closed = graph::closeRegions(functions, isLoop);
  captures = closed.captures.takeVector();
  builder.restoreInsertionPoint(around.saveInsertionPoint());
  kept = true;
  return closed.usesTurn;
}

bool ControlRegions::checkCondition(mlir::Value value, support::Span span) {
  if (value.getType() == scalar(builder.getI1Type())) return true;
  support::Diagnostic d;
  d.code = "G4004";
  d.message = "the condition of '" + node.callee.string().str() + "' is bool[], this is " + typeText(value.getType());
  d.span = span;
  body.addProvenance(d, value);
  body.report(frame, std::move(d), value);
  return false;
}

llvm::SmallVector<mlir::Value> ControlRegions::finish(mlir::ValueRange results, llvm::ArrayRef<llvm::StringRef> names) {
  llvm::SmallVector<mlir::Value> values(results);
  body.bindResults(frame, node, node.callee.string(), values, names);
  return values;
}

llvm::SmallVector<mlir::Value> ControlRegions::guess(llvm::ArrayRef<mlir::Type> types,
                                                     llvm::ArrayRef<llvm::StringRef> names) {
  llvm::SmallVector<mlir::Value> values(types.size());
  builder.restoreInsertionPoint(around.saveInsertionPoint());
  for (auto [type, value] : llvm::zip_equal(types, values))
    if (type)
      value = builder.create<mlir::UnrealizedConversionCastOp>(location(), type, mlir::ValueRange()).getResult(0);
  return finish(values, names);
}

} // namespace graphc::frontend
