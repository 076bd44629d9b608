// Operands to values (R7). A formula is evaluated in one loop over its postorder array: names, numbers (folded
// among themselves in double), infix and prefix operators and calls, each built as the op that the dialect says it is.
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/structure.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

mlir::Value BodyBuilder::readParameter(Frame &frame, llvm::StringRef path, Span span) {
  auto own = program.params.find(frame.path + "." + path.str());
  auto full = frame.parent ? program.params.end() : program.params.find(path);
  if (own != program.params.end() && full != program.params.end() && own != full) {
    error(frame, "G1011", span,
          "'" + path + "' is both '" + own->first + "' and '" + full->first + "', write it in full");
    return nullptr;
  }
  auto it = own != program.params.end() ? own : full;
  if (it == program.params.end()) {
    llvm::SmallVector<llvm::StringRef> candidates;
    std::string prefix = frame.path + ".";
    for (auto &entry : program.params) {
      candidates.push_back(entry.first);
      if (llvm::StringRef inner = entry.first; inner.consume_front(prefix)) candidates.push_back(inner);
    }
    const Definition *owner = program.find(*frame.definition->scope, path.split('.').first);
    if (owner && !owner->valid) return nullptr; // its mistakes were reported
    error(frame, "G1003", span, "no param '" + path + "'" + support::didYouMean(path, candidates));
    return nullptr;
  }
  effectsHere(frame).reads.insert(it->first);
  mlir::Value value = readParamOp(location(frame, span), it->first, it->second);
  provenance[value] = {path.str(), it->second.owner, it->second.declared, frame.depth};
  return value;
}

class FormulaEvaluator {
public:
  FormulaEvaluator(BodyBuilder &body, Frame &frame, const Expression &expression)
      : body(body), frame(frame), expression(expression) {}

  OperandValue run() {
    std::vector<OperandValue> values(expression.nodes.size());
    for (size_t i = 0; i < expression.nodes.size(); ++i) {
      const ExpressionNode &node = expression.nodes[i];
      if (node.isStatic) continue;
      llvm::SmallVector<OperandValue> operands;
      for (uint32_t operand : node.operands) operands.push_back(values[operand]);
      values[i] = evaluate(node, operands);
      values[i].span = expression.span(node);
    }
    return values.back();
  }

private:
  BodyBuilder &body;
  Frame &frame;
  const Expression &expression;

  static OperandValue number(StaticValue value) { return {nullptr, std::move(value), {}}; }
  OperandValue fail(const ExpressionNode &node, llvm::StringRef code, const llvm::Twine &message) {
    body.error(frame, code, expression.span(node), message);
    return {};
  }
  Span tokenSpan(const ExpressionNode &node) const {
    return expression.origin.stringSpan(node.token, node.token + node.text.size());
  }

  OperandValue evaluate(const ExpressionNode &node, llvm::MutableArrayRef<OperandValue> operands) {
    switch (node.kind) {
    case ExpressionKind::Integer: {
      int64_t value = 0;
      if (llvm::StringRef(node.text).getAsInteger(10, value))
        return fail(node, "G0006", "'" + node.text + "' does not fit 64 bits");
      return number(StaticValue::of(value));
    }
    case ExpressionKind::Real:
      if (auto value = parseReal(node.text)) return number(StaticValue::of(*value));
      return fail(node, "G0006", "'" + node.text + "' is too large");
    case ExpressionKind::Boolean:
      return number(StaticValue::ofBoolean(node.text == "true"));
    case ExpressionKind::String:
      return fail(node, "G0017", "a text is no value here");
    case ExpressionKind::Index:
      return fail(node, "G0017", "values have no '[ ]', only lists of attributes do");
    case ExpressionKind::Name:
      return name(node);
    case ExpressionKind::Unary:
      return infix(node, operands, graph::findPrefix(node.text));
    case ExpressionKind::Binary:
      return infix(node, operands, graph::findInfix(node.text));
    case ExpressionKind::Call:
      return call(node, operands);
    case ExpressionKind::List: // stands in named arguments alone
      break;
    }
    return {};
  }

  OperandValue name(const ExpressionNode &node) {
    if (auto it = frame.values.find(node.text); it != frame.values.end()) return {it->second, std::nullopt, {}};
    if (frame.absent.contains(node.text))
      return fail(node, "G1003", "'" + node.text + "' does not exist here, its 'when' is false");
    if (const StaticValue *value = frame.environment.find(node.text)) {
      if (value->isNumber() || value->isInteger() || value->kind == StaticValue::Boolean) return number(*value);
      return fail(node, "G4006", "'" + node.text + "' is " + value->kindName() + ", expected a number");
    }
    if (node.text == "inf" || node.text == "nan") return number(StaticValue::of(*parseReal(node.text)));
    if (llvm::StringRef(node.text).contains('.'))
      return {body.readParameter(frame, node.text, expression.span(node)), std::nullopt, {}};
    return fail(node, "G1003", "no value '" + node.text + "' here");
  }

  OperandValue infix(const ExpressionNode &node, llvm::MutableArrayRef<OperandValue> operands,
                     const graph::OpSignature *op) {
    if (llvm::any_of(operands, [](const OperandValue &o) { return o.poisoned(); })) return {};
    if (llvm::all_of(operands, [](const OperandValue &o) { return o.number.has_value(); })) return fold(node, operands);
    if (!op) {
      notSupported(tokenSpan(node), node.text, body.program.diagnostics);
      return {};
    }
    auto results = body.buildOp(frame, *op, operands, {}, {}, tokenSpan(node));
    return {results.empty() ? mlir::Value() : results[0], std::nullopt, {}};
  }

  /// Numbers among themselves, in double (R8); sizes known only when called stay exact, so only what is a size again
  /// can be said of them.
  OperandValue fold(const ExpressionNode &node, llvm::ArrayRef<OperandValue> operands) {
    Environment none;
    bool isSize = llvm::any_of(operands, [](const OperandValue &o) { return o.number->kind == StaticValue::Size; });
    if (isSize && !isFoldable(node, operands))
      return fail(node, "G4006",
                  "this number depends on a size known only when called and has no dtype yet, bring a tensor in first, "
                  "as in 'x * 0.5 / B' instead of 'x * (0.5 / B)'");
    auto noSize = [](llvm::StringRef, std::optional<int64_t>, Span) -> std::optional<graph::Dim> {
      return std::nullopt;
    };
    Expression folded; // the same operator over named numbers: one implementation of the rules
    folded.origin = expression.origin;
    for (size_t i = 0; i < operands.size(); ++i) {
      StaticValue value = *operands[i].number;
      if (value.kind == StaticValue::Integer && !isSize) value = StaticValue::of(value.asReal());
      none.values["operand" + std::to_string(i)] = value;
      ExpressionNode leaf(ExpressionKind::Name);
      leaf.begin = node.begin;
      leaf.end = node.end;
      leaf.text = "operand" + std::to_string(i);
      folded.nodes.push_back(leaf);
    }
    ExpressionNode root = node;
    root.operands.clear();
    for (uint32_t i = 0; i < operands.size(); ++i) root.operands.push_back(i);
    folded.nodes.push_back(root);
    auto value = evaluateStatic(folded, folded.nodes.size() - 1, none, noSize, *frame.diagnostics);
    return value ? number(*value) : OperandValue();
  }

  /// Of numbers of which one is a size: integers throughout, and a quotient is a size only if it is exact.
  static bool isFoldable(const ExpressionNode &node, llvm::ArrayRef<OperandValue> operands) {
    if (!llvm::all_of(operands, [](const OperandValue &o) { return o.number->isInteger(); })) return false;
    if (node.text != "/") return node.text != "sqrt";
    const graph::Dim divisor = operands[1].number->asSize();
    return !divisor.is(0) && graph::Dim::exactDiv(operands[0].number->asSize(), divisor).has_value();
  }

  OperandValue call(const ExpressionNode &node, llvm::MutableArrayRef<OperandValue> operands) {
    Span callee = expression.origin.stringSpan(node.begin, node.begin + node.text.size());
    bool numbers =
        !operands.empty() && llvm::all_of(operands, [](const OperandValue &o) { return o.number.has_value(); });
    if (numbers && node.named.empty() && isStaticFunction(node.text)) return fold(node, operands);
    std::vector<std::string> byPosition(operands.size());
    llvm::SmallVector<const OperandValue *> placed;
    if (const graph::OpSignature *op = Program::findOp(node.text)) {
      if (op->results.size() != 1)
        return fail(node, "G1010",
                    "a formula needs one result, '" + node.text + "' has " + llvm::Twine(op->results.size()));
      llvm::SmallVector<mlir::NamedAttribute> attributes;
      llvm::StringMap<Span> spans;
      if (!readArguments(node, *op, attributes, spans) ||
          !body.placeOpOperands(frame, *op, callee, operands, attributes))
        return {};
      auto results = body.buildOp(frame, *op, operands, attributes, spans, callee);
      return {results.empty() ? mlir::Value() : results[0], std::nullopt, {}};
    }
    const Definition *function = body.program.find(*frame.definition->scope, node.text);
    if (!function) return {}; // reported by resolveNames
    if (!function->isLayer && !node.named.empty())
      return fail(node, "G0011", "'" + node.text + "' is a function and has no attribute '" + node.named[0].name + "'");
    if (function->outputs.size() != 1 && function->valid)
      return fail(node, "G1010",
                  "a formula needs one result, '" + node.text + "' has " + llvm::Twine(function->outputs.size()));
    llvm::SmallVector<llvm::StringRef> names;
    llvm::SmallVector<bool> required = body.inputNames(*function, names);
    if (!function->valid ||
        !body.placeOperands(frame, node.text, callee, byPosition, operands, names, required, placed))
      return {};
    if (function->isLayer) return layer(node, *function, placed, callee);
    auto results = body.callFunction(frame, *function, placed, callee, /*inFormula=*/true);
    return {results.empty() ? mlir::Value() : results[0], std::nullopt, {}};
  }

  /// A layer in a formula is one without params or state: they would have no path.
  OperandValue layer(const ExpressionNode &node, const Definition &definition,
                     llvm::ArrayRef<const OperandValue *> inputs, Span callee) {
    LayerUse use(node.text, callee);
    use.nameless = true;
    use.inputs.assign(inputs.begin(), inputs.end());
    use.drawPath = body.nextDrawPath(frame) + ".";
    for (const NamedArgument &argument : node.named) {
      auto attribute = llvm::find_if(definition.attributes, [&](auto &a) { return a.name == argument.name; });
      llvm::SmallVector<llvm::StringRef> names;
      for (const AttributeDefinition &a : definition.attributes) names.push_back(a.name);
      if (attribute == definition.attributes.end()) return unknownAttribute(argument, node.text, names);
      auto value = body.argumentValue(frame, expression, argument, attribute->kind);
      if (!value) return {};
      if (!use.attributes.try_emplace(argument.name, *value, expression.span(expression.nodes[argument.node])).second)
        return givenTwice(argument);
    }
    auto results = body.instantiateLayer(frame, definition, use);
    return {results.empty() ? mlir::Value() : results[0], std::nullopt, {}};
  }

  OperandValue unknownAttribute(const NamedArgument &argument, llvm::StringRef callee,
                                llvm::ArrayRef<llvm::StringRef> names) {
    body.error(frame, "G0011", expression.origin.stringSpan(argument.begin, argument.end),
               "'" + argument.name + "' is no attribute of '" + callee.str() + "'" +
                   support::didYouMean(argument.name, names));
    return {};
  }
  OperandValue givenTwice(const NamedArgument &argument) {
    body.error(frame, "G0004", expression.origin.stringSpan(argument.begin, argument.end),
               "'" + argument.name + "' is given twice");
    return {};
  }

  /// Null after reporting. A type is a text, "type='f32[B, 8]'".
  mlir::Attribute argumentAttribute(const NamedArgument &argument, llvm::StringRef kind) {
    const ExpressionNode &given = expression.nodes[argument.node];
    if (kind == "type" && given.kind == ExpressionKind::String) {
      auto syntax = parseType(expression.origin, given.begin + 1, given.end - 1, false, frame.parent != nullptr,
                              *frame.diagnostics);
      mlir::RankedTensorType type = syntax ? body.type(frame, *syntax) : mlir::RankedTensorType();
      return type ? mlir::TypeAttr::get(type) : mlir::Attribute();
    }
    auto value = body.argumentValue(frame, expression, argument, kind);
    return value ? body.toAttribute(frame, *value, kind, expression.span(given)) : mlir::Attribute();
  }

  bool readArguments(const ExpressionNode &node, const graph::OpSignature &op,
                     llvm::SmallVectorImpl<mlir::NamedAttribute> &attributes, llvm::StringMap<Span> &spans) {
    for (const NamedArgument &argument : node.named) {
      const graph::AttributeSignature *signature =
          llvm::find_if(op.attributes, [&](const graph::AttributeSignature &a) { return a.name == argument.name; });
      if (signature == op.attributes.end()) {
        llvm::SmallVector<llvm::StringRef> names;
        for (const graph::AttributeSignature &a : op.attributes) names.push_back(a.name);
        unknownAttribute(argument, op.mnemonic, names);
        return false;
      }
      if (!spans.try_emplace(argument.name, expression.span(expression.nodes[argument.node])).second) {
        givenTwice(argument);
        return false;
      }
      mlir::Attribute attribute = argumentAttribute(argument, signature->kind);
      if (!attribute) return false;
      attributes.push_back(body.builder.getNamedAttr(argument.name, attribute));
    }
    return true;
  }
};

OperandValue BodyBuilder::operandValue(Frame &frame, const Operand &operand) {
  OperandValue result;
  switch (operand.kind) {
  case Operand::Number:
  case Operand::Boolean:
    result.number = literalNumber(operand.json);
    break;
  case Operand::Formula:
    result = FormulaEvaluator(*this, frame, *operand.expression).run();
    break;
  case Operand::TypedLiteral:
    result.value = literalValue(frame, *operand.literal);
    break;
  }
  result.span = operand.json.span();
  return result;
}

mlir::Value BodyBuilder::typedValue(Frame &frame, const Operand &operand, mlir::RankedTensorType type) {
  OperandValue value = operandValue(frame, operand);
  if (value.number) return constant(type, *value.number, value.span, frame);
  return value.value;
}
} // namespace graphc::frontend
