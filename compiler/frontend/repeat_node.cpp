// "repeat" on a node (section 4): instances of a layer, each with params of its own under its number, or calls of one
// function. The results of one are the first operands of the next; inputs named by "over" are taken apart along axis 0,
// one piece per instance, outputs named by "collect" are put together along axis 0. Unrolled here.
#include "compiler/frontend/body_builder.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

struct BodyBuilder::Repetition {
  int64_t times = 0;
  std::vector<std::pair<std::string, std::vector<StaticValue>>> each; // attribute, one value per instance
  std::vector<size_t> carried;                                        // inputs, in order, that results are passed to
  std::vector<size_t> over, passed, collected;                        // inputs; outputs; outputs
  std::vector<llvm::SmallVector<mlir::Value>> pieces;                 // of each of `over`
  std::vector<llvm::SmallVector<OperandValue>> kept;                  // of each of `collected`
};

constexpr int64_t maxTimes = 100000;

/// Positions of the names among `all`; false after reporting.
static bool positions(llvm::ArrayRef<JsonValue> names, llvm::ArrayRef<llvm::StringRef> all, llvm::StringRef what,
                      std::vector<size_t> &found, support::Diagnostics &diagnostics) {
  for (JsonValue name : names) {
    size_t at = llvm::find(all, name.string()) - all.begin();
    if (at == all.size()) {
      diagnostics.error("G0011", name.span(),
                        "'" + support::printable(name.string()) + "' is no " + what.str() +
                            support::didYouMean(name.string(), all));
      return false;
    }
    if (llvm::is_contained(found, at)) {
      diagnostics.error("G1005", name.span(), "'" + name.string() + "' is named twice");
      return false;
    }
    found.push_back(at);
  }
  return true;
}

bool BodyBuilder::readRepetition(Frame &frame, const NodeDefinition &node, const Definition &definition,
                                 Repetition &repetition) {
  const RepeatDefinition &repeat = *node.repeat;
  support::Diagnostics &diagnostics = *frame.diagnostics;
  if (repeat.times) {
    auto times = attributeValue(frame, repeat.times, "int");
    if (!times) return false;
    repetition.times = times->integer;
    if (times->integer < 0 || times->integer > maxTimes) {
      diagnostics.error("G2001", repeat.times.span(),
                        "a node can be repeated 0 to " + llvm::Twine(maxTimes) + " times, this is " +
                            llvm::Twine(times->integer));
      return false;
    }
  }
  for (JsonValue json : repeat.each) {
    auto attribute = llvm::find_if(definition.attributes, [&](auto &a) { return a.name == json.key(); });
    if (attribute == definition.attributes.end()) {
      llvm::SmallVector<llvm::StringRef> names;
      for (const AttributeDefinition &a : definition.attributes) names.push_back(a.name);
      error(frame, "G0011", json.keySpan(),
            "'" + support::printable(json.key()) + "' is no attribute of '" + definition.name + "'" +
                support::didYouMean(json.key(), names));
      return false;
    }
    auto list = attributeValue(frame, json, "list of " + attribute->kind);
    if (!list) return false;
    if (!repetition.each.empty() && static_cast<int64_t>(list->list.size()) != repetition.times) {
      diagnostics.error("G2002", json.span(),
                        "the lists in 'each' differ in length, '" + repetition.each[0].first + "' has " +
                            llvm::Twine(repetition.times) + " and '" + json.key() + "' " +
                            llvm::Twine(list->list.size()));
      return false;
    }
    repetition.times = list->list.size();
    repetition.each.emplace_back(attribute->name, std::move(list->list));
  }
  llvm::SmallVector<llvm::StringRef> inputs, outputs;
  for (const InputDefinition &input : definition.inputs) inputs.push_back(input.name);
  for (const OutputDefinition &output : definition.outputs) outputs.push_back(output.name);
  if (!positions(repeat.over, inputs, "input of '" + definition.name + "'", repetition.over, diagnostics) ||
      !positions(repeat.collect, outputs, "output of '" + definition.name + "'", repetition.collected, diagnostics))
    return false;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (!llvm::is_contained(repetition.collected, i)) repetition.passed.push_back(i);
  for (size_t i = 0; i < inputs.size() && repetition.carried.size() < repetition.passed.size(); ++i)
    if (!llvm::is_contained(repetition.over, i)) repetition.carried.push_back(i);
  if (repetition.carried.size() < repetition.passed.size()) {
    error(frame, "G1010", repeat.json.keySpan(),
          "'" + definition.name + "' passes on " + llvm::Twine(repetition.passed.size()) + " results, but has only " +
              llvm::Twine(repetition.carried.size()) + " inputs to take them");
    return false;
  }
  if (repetition.times > 0 || repetition.collected.empty()) return true;
  diagnostics.error("G2001", repeat.json.keySpan(), "without a turn there is nothing to 'collect'");
  return false;
}

bool BodyBuilder::takeApart(Frame &frame, const NodeDefinition &node, const Definition &definition,
                            llvm::ArrayRef<const OperandValue *> placed, Repetition &repetition) {
  for (size_t input : repetition.over) {
    mlir::Value value = placed[input] ? placed[input]->value : mlir::Value();
    Span span = placed[input] ? placed[input]->span : node.callee.span();
    if (placed[input] && placed[input]->poisoned()) return false;
    auto type = value ? mlir::cast<mlir::RankedTensorType>(value.getType()) : mlir::RankedTensorType();
    if (!type || type.getRank() == 0 || type.getDimSize(0) != repetition.times) {
      error(frame, "G3015", span,
            "'" + definition.inputs[input].name + "' of '" + definition.name + "' needs " +
                llvm::Twine(repetition.times) + " pieces along axis 0, one per turn, this is " +
                (type ? typeText(type) : std::string("no tensor")),
            value);
      return false;
    }
    const graph::OpSignature *op = graph::findRole("take_apart");
    auto axis = builder.getNamedAttr("axis", builder.getI64IntegerAttr(0));
    repetition.pieces.push_back(repetition.times == 0
                                    ? llvm::SmallVector<mlir::Value>()
                                    : buildOp(frame, *op, {OperandValue{value, std::nullopt, span}}, axis, {}, span));
    if (repetition.pieces.back().size() != static_cast<size_t>(repetition.times)) return false;
  }
  return true;
}

/// What one turn gives: to the next, and to the collections.
bool BodyBuilder::passOn(Frame &frame, const Definition &definition, const Repetition &repetition,
                         llvm::ArrayRef<mlir::Value> results, std::vector<OperandValue> &inputs) {
  (void)frame;
  if (results.size() != definition.outputs.size() || llvm::is_contained(results, mlir::Value())) return false;
  for (auto [input, output] : llvm::zip(repetition.carried, repetition.passed)) {
    inputs[input].value = results[output];
    inputs[input].number.reset();
  }
  return true;
}

llvm::SmallVector<mlir::Value> BodyBuilder::gather(Frame &frame, const Definition &definition,
                                                   const Repetition &repetition, llvm::ArrayRef<OperandValue> inputs,
                                                   Span span) {
  llvm::SmallVector<mlir::Value> results(definition.outputs.size());
  for (auto [input, output] : llvm::zip(repetition.carried, repetition.passed)) {
    OperandValue value = inputs[input];
    if (!giveDtype(frame, value)) return {};
    results[output] = value.value;
  }
  const graph::OpSignature *op = graph::findRole("put_together");
  for (auto [output, kept] : llvm::zip(repetition.collected, repetition.kept)) {
    auto axis = builder.getNamedAttr("axis", builder.getI64IntegerAttr(0));
    auto stacked = buildOp(frame, *op, kept, axis, {}, span);
    if (stacked.empty()) return {};
    results[output] = stacked[0];
  }
  return results;
}

llvm::SmallVector<mlir::Value> BodyBuilder::buildRepeat(Frame &frame, const NodeDefinition &node,
                                                        const Definition &definition,
                                                        llvm::ArrayRef<const OperandValue *> placed) {
  Repetition repetition;
  if (!readRepetition(frame, node, definition, repetition) || !takeApart(frame, node, definition, placed, repetition))
    return {};
  std::vector<OperandValue> inputs(placed.size());
  for (size_t i = 0; i < placed.size(); ++i)
    if (placed[i]) inputs[i] = *placed[i];
  repetition.kept.resize(repetition.collected.size());
  const std::string drawNode = frame.drawNode;
  for (int64_t turn = 0; turn < repetition.times; ++turn) {
    for (auto [input, pieces] : llvm::zip(repetition.over, repetition.pieces)) inputs[input].value = pieces[turn];
    llvm::SmallVector<const OperandValue *> given;
    for (size_t i = 0; i < inputs.size(); ++i) given.push_back(placed[i] || inputs[i].value ? &inputs[i] : nullptr);
    llvm::SmallVector<mlir::Value> results;
    if (definition.isLayer) {
      LayerUse use(node);
      use.inputs.assign(given.begin(), given.end());
      use.path = frame.path + "." + (node.shares ? node.shares.string().str() : node.name) + "." + std::to_string(turn);
      use.drawPath = frame.drawPath + node.name + "." + std::to_string(turn) + ".";
      use.shares = frame.shares || node.shares;
      for (auto &[name, values] : repetition.each) use.attributes[name] = {values[turn], node.repeat->json.span()};
      results = instantiateLayer(frame, definition, use);
    } else {
      frame.drawNode = drawNode + "." + std::to_string(turn);
      frame.drawCount = 0;
      results = callFunction(frame, definition, given, node.callee.span(), /*inFormula=*/false);
    }
    if (!passOn(frame, definition, repetition, results, inputs)) return {};
    for (auto [output, kept] : llvm::zip(repetition.collected, repetition.kept))
      kept.push_back({results[output], std::nullopt, node.callee.span()});
  }
  return gather(frame, definition, repetition, inputs, node.callee.span());
}
} // namespace graphc::frontend
