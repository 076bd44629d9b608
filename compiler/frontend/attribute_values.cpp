// Attributes by kind (the kinds of layers in graph-format.md section 3 and those of op_signature.h): from JSON, from a
// formula's named argument or from a layer's default to a StaticValue, and on to an MLIR attribute. A string is a
// static expression where a number, bool or list is wanted, and text or "$attribute" elsewhere.
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/element_type.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

static bool isTextKind(llvm::StringRef kind) {
  return kind == "string" || kind == "dtype" || kind == "op" || kind == "init" || kind == "any";
}

std::optional<StaticValue> BodyBuilder::staticValue(Frame &frame, const Expression &expression, uint32_t root) {
  auto sizeOf = [&](llvm::StringRef name, int64_t axis, Span span) -> std::optional<int64_t> {
    auto it = frame.values.find(name);
    if (it == frame.values.end()) {
      frame.diagnostics->error("G1003", span, "no value '" + name + "' here");
      return std::nullopt;
    }
    if (!it->second) return std::nullopt;
    auto type = mlir::cast<mlir::RankedTensorType>(it->second.getType());
    if (axis < -type.getRank() || axis >= type.getRank()) {
      frame.diagnostics->error("G2004", span, "axis " + llvm::Twine(axis) + " is outside of " + typeText(type));
      return std::nullopt;
    }
    return type.getDimSize(axis < 0 ? axis + type.getRank() : axis);
  };
  return evaluateStatic(expression, root, frame.environment, sizeOf, *frame.diagnostics);
}

mlir::RankedTensorType BodyBuilder::type(Frame &frame, const TypeSyntax &syntax) {
  auto sizeOf = [&](llvm::StringRef name, int64_t axis, Span) -> std::optional<int64_t> {
    auto value = frame.values.lookup(name);
    auto type = value ? mlir::cast<mlir::RankedTensorType>(value.getType()) : mlir::RankedTensorType();
    if (!type || axis < -type.getRank() || axis >= type.getRank()) {
      frame.diagnostics->error("G2004", syntax.origin.span(),
                               "no axis " + llvm::Twine(axis) + " of '" + name + "' here");
      return std::nullopt;
    }
    return type.getDimSize(axis < 0 ? axis + type.getRank() : axis);
  };
  return evaluateType(syntax, frame.environment, sizeOf, program.context, *frame.diagnostics);
}

std::optional<StaticValue> BodyBuilder::attributeValue(Frame &frame, JsonValue json, llvm::StringRef kind) {
  auto scalar = [&](JsonValue value) -> std::optional<StaticValue> {
    if (value.isBool()) return StaticValue::ofBoolean(value.boolean());
    if (value.isNumber()) {
      if (auto integer = value.integer()) return StaticValue::of(*integer);
      if (auto real = value.real()) return StaticValue::of(*real);
      frame.diagnostics->error("G0006", value.span(), "'" + value.numberText() + "' is too large");
      return std::nullopt;
    }
    if (!value.isString()) {
      checkKind(value, aBool | aNumber | aString, "this value", *frame.diagnostics);
      return std::nullopt;
    }
    llvm::StringRef text = value.string();
    if (text.starts_with("$")) {
      if (const StaticValue *attribute = frame.environment.find(text.drop_front())) return *attribute;
      std::vector<llvm::StringRef> names = frame.environment.names();
      frame.diagnostics->error("G1003", value.span(),
                               "no attribute '" + text.drop_front() + "' here" +
                                   support::didYouMean(text.drop_front(), names));
      return std::nullopt;
    }
    if (isTextKind(kind)) return StaticValue::ofText(text);
    std::optional<Expression> expression = parseExpression(value, *frame.diagnostics);
    if (!expression) return std::nullopt;
    return staticValue(frame, *expression, expression->nodes.size() - 1);
  };
  if (json.isObject()) {
    notSupported(json.span(), json.key(), *frame.diagnostics);
    return std::nullopt;
  }
  if (!json.isArray()) {
    std::optional<StaticValue> value = scalar(json);
    return value ? convert(frame, std::move(*value), kind, json.span()) : std::nullopt;
  }
  if (json.size() > 4096) {
    frame.diagnostics->error("G0010", json.span(), "a list in an attribute has at most 4096 elements");
    return std::nullopt;
  }
  StaticValue list;
  list.kind = StaticValue::List;
  for (JsonValue member = json.firstChild(); member; member = member.next()) {
    std::optional<StaticValue> value = scalar(member);
    if (!value) return std::nullopt;
    list.list.push_back(std::move(*value));
  }
  return convert(frame, std::move(list), kind, json.span());
}

std::optional<StaticValue> BodyBuilder::fallbackValue(Frame &frame, const AttributeDefinition &attribute) {
  llvm::StringRef text = attribute.json.string();
  Span span = attribute.json.stringSpan(*attribute.fallback, text.size());
  if (isTextKind(attribute.kind)) {
    llvm::StringRef word = text.drop_front(*attribute.fallback).trim();
    return convert(frame, StaticValue::ofText(word), attribute.kind, span);
  }
  std::optional<Expression> expression =
      parseExpression(attribute.json, *attribute.fallback, text.size(), *frame.diagnostics);
  if (!expression) return std::nullopt;
  std::optional<StaticValue> value = staticValue(frame, *expression, expression->nodes.size() - 1);
  return value ? convert(frame, std::move(*value), attribute.kind, span) : std::nullopt;
}

std::optional<StaticValue> BodyBuilder::argumentValue(Frame &frame, const Expression &expression,
                                                      const NamedArgument &argument, llvm::StringRef kind) {
  const ExpressionNode &node = expression.nodes[argument.node];
  bool word = node.kind == ExpressionKind::Name && isTextKind(kind) && !frame.environment.find(node.text);
  std::optional<StaticValue> value =
      word ? StaticValue::ofText(node.text) : staticValue(frame, expression, argument.node);
  return value ? convert(frame, std::move(*value), kind, expression.span(node)) : std::nullopt;
}

/// Makes the value one of the kind, or reports what it is instead.
std::optional<StaticValue> BodyBuilder::convert(Frame &frame, StaticValue value, llvm::StringRef kind, Span span) {
  auto fail = [&](llvm::StringRef wanted) {
    if (kind == "int" && value.kind == StaticValue::Real)
      return frame.diagnostics->error("G0006", span, "expected an integer, this is " + value.toString()), std::nullopt;
    frame.diagnostics->error("G0010", span, "expected " + wanted + ", this is " + value.kindName());
    return std::nullopt;
  };
  if (kind == "any") return value;
  if (kind == "int") return value.kind == StaticValue::Integer ? std::optional(value) : fail("an integer");
  if (kind == "bool") return value.kind == StaticValue::Boolean ? std::optional(value) : fail("a bool");
  if (kind == "float") return value.isNumber() ? std::optional(StaticValue::of(value.asReal())) : fail("a number");
  if (kind == "init")
    return value.isNumber() || value.kind == StaticValue::Text ? std::optional(value) : fail("a number or a text");
  if (kind == "ints" || kind == "int2" || kind == "floats") {
    if (value.kind != StaticValue::List) {
      StaticValue one = value;
      value = StaticValue();
      value.kind = StaticValue::List;
      value.list.assign(kind == "int2" ? 2 : 1, one);
    }
    if (kind == "int2" && value.list.size() != 2) {
      frame.diagnostics->error("G2002", span, "expected 2 integers, these are " + llvm::Twine(value.list.size()));
      return std::nullopt;
    }
    bool fits = llvm::all_of(value.list, [&](const StaticValue &v) {
      return kind == "floats" ? v.isNumber() : v.kind == StaticValue::Integer;
    });
    if (!fits)
      return value.list.size() == 1 ? (value = value.list[0], fail(kind == "floats" ? "numbers" : "integers"))
                                    : fail(kind == "int2"   ? "two integers"
                                           : kind == "ints" ? "integers"
                                                            : "numbers");
    return value;
  }
  if (value.kind != StaticValue::Text) return fail("a text");
  if (kind == "dtype") {
    if (auto it = frame.environment.dtypes.find(value.text); it != frame.environment.dtypes.end())
      value.text = it->second;
    if (!graph::findDtype(value.text)) {
      frame.diagnostics->error("G3014", span,
                               "no dtype '" + support::printable(value.text) + "'" + dtypeMeant(value.text));
      return std::nullopt;
    }
  }
  if (kind == "op" && !Program::findOp(value.text) && !program.find(value.text)) {
    program.unknownCallee(value.text, span, /*formula=*/false);
    return std::nullopt;
  }
  return value;
}

mlir::Attribute BodyBuilder::toAttribute(const StaticValue &value, llvm::StringRef kind) {
  if (kind == "int") return builder.getI64IntegerAttr(value.integer);
  if (kind == "bool") return builder.getBoolAttr(value.boolean);
  if (kind == "float") return builder.getF64FloatAttr(value.asReal());
  if (kind == "string") return builder.getStringAttr(value.text);
  if (kind == "dtype") return mlir::TypeAttr::get(elementType(program.context, value.text));
  if (kind != "ints") return nullptr;
  llvm::SmallVector<int64_t> integers;
  for (const StaticValue &element : value.list) integers.push_back(element.integer);
  return builder.getDenseI64ArrayAttr(integers);
}

std::optional<bool> BodyBuilder::condition(Frame &frame, JsonValue when) {
  if (!when) return true;
  std::optional<StaticValue> value = attributeValue(frame, when, "bool");
  if (!value) return std::nullopt;
  return value->boolean;
}
} // namespace graphc::frontend
