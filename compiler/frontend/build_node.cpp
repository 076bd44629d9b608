// The nodes of a body, in the order that resolve_names.cpp found: operands to values, then the op, function or layer.
#include "compiler/frontend/body_builder.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

llvm::SmallVector<mlir::Value> BodyBuilder::buildBody(Frame &frame) {
  frame.nodeEffects.assign(frame.definition->nodes.size() + 1, {});
  frame.node = frame.definition->nodes.size();
  buildParams(frame);
  buildNodes(frame);
  llvm::SmallVector<mlir::Value> results = buildOutputs(frame);
  buildUpdates(frame);
  checkEffectOrder(frame);
  lintUnused(frame);
  lintOutputs(frame, results);
  return results;
}

/// What comes next belongs to the outputs.
void BodyBuilder::buildNodes(Frame &frame) {
  for (uint32_t index : frame.definition->order) {
    const NodeDefinition &node = frame.definition->nodes[index];
    frame.node = index;
    frame.drawNode = node.name.empty() ? "#" + std::to_string(index) : node.name;
    frame.drawCount = 0;
    buildNode(frame, node);
  }
  frame.node = frame.definition->nodes.size();
  frame.drawNode = "#outputs";
  frame.drawCount = 0;
}

llvm::SmallVector<mlir::Value> BodyBuilder::buildLayerUse(Frame &frame) {
  const NodeDefinition &use = *frame.definition->layerUse;
  const Definition *layer = program.find(*frame.definition->scope, use.callee.string());
  if (!layer || !layer->valid) return {};
  frame.nodeEffects.assign(1, {});
  std::vector<OperandValue> operands;
  llvm::SmallVector<std::string> parameters;
  for (const InputDefinition &input : frame.definition->inputs) {
    operands.push_back({frame.values.lookup(input.name), std::nullopt, input.type.origin.span()});
    parameters.push_back(input.name);
  }
  llvm::SmallVector<llvm::StringRef> names;
  llvm::SmallVector<const OperandValue *> placed;
  llvm::SmallVector<bool> required = inputNames(*layer, names);
  if (!placeOperands(frame, layer->name, use.callee.span(), parameters, operands, names, required, placed)) return {};
  LayerUse how(use);
  how.inputs.assign(placed.begin(), placed.end());
  how.path = frame.path;
  how.drawPath = frame.drawPath;
  how.shares = frame.shares;
  llvm::SmallVector<mlir::Value> results = instantiateLayer(frame, *layer, how);
  frame.effects.add(frame.nodeEffects[0]);
  return results;
}

void BodyBuilder::poisonResults(Frame &frame, const NodeDefinition &node) {
  for (const ResultName &result : node.results)
    if (result.name != "_") frame.values[result.name] = nullptr;
}

/// `when` is false: the result is `else` or the first operand; without either nobody may use it.
void BodyBuilder::buildMissingNode(Frame &frame, const NodeDefinition &node) {
  const Operand *otherwise = node.otherwise ? &*node.otherwise : node.operands.empty() ? nullptr : &node.operands[0];
  if (node.isFormula && !node.otherwise) otherwise = nullptr;
  if (!otherwise || node.results.size() > 1) {
    for (const ResultName &result : node.results) {
      frame.values.erase(result.name);
      frame.absent.insert(result.name);
    }
    return;
  }
  OperandValue value = operandValue(frame, *otherwise);
  if (!giveDtype(frame, value)) return;
  if (value.value && !node.results.empty() && node.results[0].name != "_")
    frame.values[node.results[0].name] = value.value;
}

void BodyBuilder::buildNode(Frame &frame, const NodeDefinition &node) {
  poisonResults(frame, node); // until bound
  std::optional<bool> exists = condition(frame, node.when);
  if (!exists) return;
  if (!*exists) return buildMissingNode(frame, node);
  if (node.control) return (void)buildControl(frame, node);
  llvm::StringRef callee = node.isFormula ? llvm::StringRef("formula") : node.callee.string();
  llvm::SmallVector<OperandValue> operands;
  for (const Operand &operand : node.operands) operands.push_back(operandValue(frame, operand));
  if (node.isFormula) {
    if (operands[0].poisoned() || !giveDtype(frame, operands)) return;
    bindResults(frame, node, callee, operands[0].value, {"value"});
    return;
  }
  const Definition *definition = nullptr;
  if (callee.consume_front("$")) {
    const StaticValue *op = frame.environment.find(callee);
    if (!op) return; // the attribute was reported
    callee = op->text;
    definition = program.findFull(callee);
  } else {
    definition = program.find(*frame.definition->scope, callee);
  }
  if (const graph::OpSignature *op = Program::findOp(callee)) {
    for (JsonValue key : {node.json.find("repeat"), node.json.find("shares"), node.json.find("params")})
      if (key) {
        error(frame, "G0011", key.keySpan(),
              "'" + key.key() + "' belongs to layers and functions, '" + callee + "' is an op");
        return;
      }
    auto results = buildOpNode(frame, node, *op, operands);
    if (!results.empty()) bindResults(frame, node, callee, results, op->results);
    return;
  }
  if (!definition || !definition->valid) return;
  llvm::SmallVector<llvm::StringRef> outputs;
  for (const OutputDefinition &output : definition->outputs) outputs.push_back(output.name);
  llvm::SmallVector<mlir::Value> results = buildUse(frame, node, *definition, operands);
  if (!results.empty()) bindResults(frame, node, callee, results, outputs);
}

/// A node that uses a layer or calls a function.
llvm::SmallVector<mlir::Value> BodyBuilder::buildUse(Frame &frame, const NodeDefinition &node,
                                                     const Definition &definition,
                                                     llvm::ArrayRef<OperandValue> operands) {
  llvm::SmallVector<llvm::StringRef> names;
  llvm::SmallVector<std::string> parameters;
  for (const Operand &operand : node.operands) parameters.push_back(operand.parameter);
  llvm::SmallVector<const OperandValue *> placed;
  llvm::SmallVector<bool> required = inputNames(definition, names);
  if (!placeOperands(frame, definition.name, node.callee.span(), parameters, operands, names, required, placed))
    return {};
  if (!definition.isLayer) {
    if (!checkAttributeKeys(frame, node, definition.name, {})) return {};
    for (JsonValue key : {node.json.find("shares"), node.json.find("params")})
      if (key) {
        error(frame, "G0011", key.keySpan(),
              "'" + key.key() + "' belongs to layers, '" + definition.name +
                  "' is a function: whoever calls it uses the same weights");
        return {};
      }
  } else if (node.name.empty()) {
    error(frame, "G0012", node.callee.span(), "a node that uses a layer needs 'out' or 'name'");
    return {};
  }
  if (node.repeat) return buildRepeat(frame, node, definition, placed);
  if (!definition.isLayer) return callFunction(frame, definition, placed, node.callee.span(), /*inFormula=*/false);
  LayerUse use(node);
  use.inputs.assign(placed.begin(), placed.end());
  use.path = frame.path + "." + (node.shares ? node.shares.string().str() : node.name);
  use.drawPath = frame.drawPath + node.name + ".";
  use.shares = frame.shares || node.shares;
  return instantiateLayer(frame, definition, use);
}

bool BodyBuilder::checkAttributeKeys(Frame &frame, const NodeDefinition &node, llvm::StringRef callee,
                                     llvm::ArrayRef<llvm::StringRef> names) {
  bool good = true;
  for (JsonValue attribute : node.attributes) {
    if (llvm::is_contained(names, attribute.key())) continue;
    llvm::SmallVector<llvm::StringRef> candidates(names);
    for (const KeyRule &rule : nodeKeys()) candidates.push_back(rule.key);
    error(frame, "G0011", attribute.keySpan(),
          "'" + support::printable(attribute.key()) + "' is no key of '" + callee.str() + "'" +
              support::didYouMean(attribute.key(), candidates));
    good = false;
  }
  return good;
}

llvm::SmallVector<mlir::Value> BodyBuilder::buildOpNode(Frame &frame, const NodeDefinition &node,
                                                        const graph::OpSignature &op,
                                                        llvm::SmallVector<OperandValue> operands) {
  llvm::SmallVector<llvm::StringRef> names;
  for (const graph::AttributeSignature &signature : op.attributes) names.push_back(signature.name);
  if (!checkAttributeKeys(frame, node, op.mnemonic, names)) return {};
  llvm::SmallVector<mlir::NamedAttribute> attributes;
  llvm::StringMap<Span> spans;
  bool good = true;
  for (const graph::AttributeSignature &signature : op.attributes) {
    JsonValue given = givenAttribute(*frame.definition, op.mnemonic, node.attributes, signature.name);
    if (!given) continue;
    mlir::Attribute value = attributeOf(frame, given, signature.kind);
    if (!value) {
      good = false;
      continue;
    }
    attributes.push_back(builder.getNamedAttr(signature.name, value));
    spans[signature.name] = given.span();
  }
  bool named = !node.operands.empty() && !node.operands[0].parameter.empty();
  if (named) { // into the op's order
    llvm::SmallVector<llvm::StringRef> operandNames;
    llvm::SmallVector<std::string> parameters;
    for (const graph::OperandSignature &operand : op.operands) operandNames.push_back(operand.name);
    for (const Operand &operand : node.operands) parameters.push_back(operand.parameter);
    llvm::SmallVector<const OperandValue *> placed;
    if (!placeOperands(frame, op.mnemonic, node.callee.span(), parameters, operands, operandNames, {}, placed))
      return {};
    llvm::SmallVector<OperandValue> ordered;
    bool gap = false; // an op's operands are told apart by position
    for (auto [i, operand] : llvm::enumerate(placed)) {
      if (operand && gap) {
        error(frame, "G1010", operand->span,
              "'" + op.mnemonic + "' has no way to take '" + operandNames[i] + "' without '" + operandNames[i - 1] +
                  "'");
        return {};
      }
      gap |= !operand;
      if (operand) ordered.push_back(*operand);
    }
    operands = std::move(ordered);
  }
  if (!good || !placeOpOperands(frame, op, node.callee.span(), operands, attributes)) return {};
  return buildOp(frame, op, operands, attributes, spans, node.callee.span());
}

bool BodyBuilder::placeOpOperands(Frame &frame, const graph::OpSignature &op, Span calleeSpan,
                                  llvm::ArrayRef<OperandValue> operands,
                                  llvm::ArrayRef<mlir::NamedAttribute> attributes) {
  size_t least = 0;
  bool variadic = false;
  for (const graph::OperandSignature &operand : op.operands) {
    variadic |= operand.variadic;
    least += !operand.optional && !operand.variadic;
  }
  least -= op.takesKey();
  size_t most = op.operands.size();
  if (operands.size() < least || (!variadic && operands.size() > most)) {
    std::string wanted = variadic        ? std::to_string(least) + " or more"
                         : least == most ? std::to_string(most)
                                         : std::to_string(least) + " to " + std::to_string(most);
    Span span = operands.size() > most ? operands[most].span : calleeSpan;
    error(frame, "G1010", span,
          "'" + op.mnemonic + "' takes " + wanted + " operand" + (wanted == "1" ? "" : "s") + ", got " +
              llvm::Twine(operands.size()));
    return false;
  }
  for (const graph::AttributeSignature &attribute : op.attributes) {
    bool given = llvm::any_of(attributes, [&](mlir::NamedAttribute a) { return a.getName() == attribute.name; });
    if (attribute.required && !given) {
      error(frame, "G0012", calleeSpan, "'" + op.mnemonic + "' needs '" + attribute.name + "'");
      return false;
    }
  }
  return true;
}

llvm::SmallVector<bool> BodyBuilder::inputNames(const Definition &definition,
                                                llvm::SmallVectorImpl<llvm::StringRef> &names) {
  llvm::SmallVector<bool> required;
  for (const InputDefinition &input : definition.inputs) {
    names.push_back(input.name);
    required.push_back(!input.fallback);
  }
  return required;
}

bool BodyBuilder::placeOperands(Frame &frame, llvm::StringRef callee, Span calleeSpan,
                                llvm::ArrayRef<std::string> parameters, llvm::ArrayRef<OperandValue> operands,
                                llvm::ArrayRef<llvm::StringRef> names, llvm::ArrayRef<bool> required,
                                llvm::SmallVectorImpl<const OperandValue *> &placed) {
  placed.assign(names.size(), nullptr);
  for (size_t i = 0; i < operands.size(); ++i) {
    size_t at = i;
    if (!parameters[i].empty()) {
      at = llvm::find(names, parameters[i]) - names.begin();
      if (at == names.size()) {
        error(frame, "G0011", operands[i].span,
              "'" + support::printable(parameters[i]) + "' is no operand of '" + callee.str() + "'" +
                  support::didYouMean(parameters[i], names));
        return false;
      }
    }
    if (at >= names.size()) {
      error(frame, "G1010", operands[i].span,
            "'" + callee + "' takes " + llvm::Twine(names.size()) + " operand" + (names.size() == 1 ? "" : "s") +
                ", got " + llvm::Twine(operands.size()));
      return false;
    }
    placed[at] = &operands[i];
  }
  for (size_t i = 0; i < required.size(); ++i)
    if (required[i] && !placed[i]) {
      error(frame, "G1010", calleeSpan, "'" + callee + "' needs operand '" + names[i] + "'");
      return false;
    }
  return true;
}

void BodyBuilder::bindResults(Frame &frame, const NodeDefinition &node, llvm::StringRef callee,
                              llvm::ArrayRef<mlir::Value> results, llvm::ArrayRef<llvm::StringRef> resultNames) {
  std::string reason = node.isFormula ? "result of this formula" : "result of '" + callee.str() + "'";
  for (size_t i = 0; i < node.results.size(); ++i) {
    const ResultName &result = node.results[i];
    size_t at = i;
    if (!result.result.empty()) at = llvm::find(resultNames, result.result) - resultNames.begin();
    if (at >= results.size()) {
      error(frame, result.result.empty() ? "G1010" : "G0011", result.json.span(),
            result.result.empty()
                ? "'" + callee + "' has " + llvm::Twine(results.size()) + " result" + (results.size() == 1 ? "" : "s")
                : "'" + llvm::Twine(result.result) + "' is no result of '" + callee + "'" +
                      support::didYouMean(result.result, resultNames));
      continue;
    }
    if (!result.result.empty() && llvm::count(resultNames, result.result) > 1) { // a carry and what is collected
      error(frame, "G1005", result.json.span(),
            "'" + callee + "' has two results '" + result.result + "', take them by order");
      continue;
    }
    if (result.name == "_") continue;
    bind(frame, result.name, results[at], reason, node.callee.span());
  }
  if (node.expect && !results.empty() && results[0]) checkType(frame, results[0], *node.expect);
}

void BodyBuilder::checkType(Frame &frame, mlir::Value value, const TypeSyntax &declared) {
  mlir::RankedTensorType type = this->type(frame, declared);
  if (!type || type == value.getType()) return;
  support::Diagnostic diagnostic;
  diagnostic.code = "G3010";
  diagnostic.message = "declared " + typeText(type) + ", computed " + typeText(value.getType());
  diagnostic.span = declared.origin.span();
  addProvenance(diagnostic, value);
  report(frame, std::move(diagnostic), value);
}

llvm::SmallVector<mlir::Value> BodyBuilder::buildOutputs(Frame &frame) {
  llvm::SmallVector<mlir::Value> results;
  for (const OutputDefinition &output : frame.definition->outputs) {
    OperandValue value = operandValue(frame, output.value);
    if (value.number) {
      mlir::RankedTensorType type = output.type ? this->type(frame, *output.type) : mlir::RankedTensorType();
      if (type)
        value.value = constant(type, *value.number, value.span, frame);
      else if (!output.type)
        giveDtype(frame, value);
    } else if (value.value && output.type) {
      checkType(frame, value.value, *output.type);
    }
    results.push_back(value.value);
  }
  return results;
}
} // namespace graphc::frontend
