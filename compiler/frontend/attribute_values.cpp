// Attributes by kind (the kinds of layers in graph-format.md section 3 and those of op_signature.h): from JSON, from a
// formula's named argument or from a layer's default to a StaticValue, and on to an MLIR attribute. A string is a
// static expression where a number, bool or list is wanted, and text or "$attribute" elsewhere.
#include "compiler/frontend/body_builder.h"
#include "dialects/graph/element_type.h"
#include <cmath>

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

static bool isTextKind(llvm::StringRef kind) {
  return kind == "string" || kind == "dtype" || kind == "op" || kind == "init" || kind == "any" || kind == "type" ||
         kind == "padding";
}

/// size(x, axis), or without an axis rank(x), of a value of the frame.
std::optional<graph::Dim> BodyBuilder::sizeOf(Frame &frame, llvm::StringRef name, std::optional<int64_t> axis,
                                              Span span) {
  auto it = frame.values.find(name);
  if (it == frame.values.end()) {
    frame.diagnostics->error("G1003", span, "no value '" + name + "' here");
    return std::nullopt;
  }
  if (!it->second) return std::nullopt;
  auto type = mlir::cast<mlir::RankedTensorType>(it->second.getType());
  if (!axis) return graph::Dim(type.getRank());
  if (*axis < -type.getRank() || *axis >= type.getRank()) {
    frame.diagnostics->error("G2004", span, "axis " + llvm::Twine(*axis) + " is outside of " + typeText(type));
    return std::nullopt;
  }
  return graph::shapeOf(type)[*axis < 0 ? *axis + type.getRank() : *axis];
}

std::optional<StaticValue> BodyBuilder::staticValue(Frame &frame, const Expression &expression, uint32_t root) {
  auto sizes = [&](llvm::StringRef name, std::optional<int64_t> axis, Span span) {
    return sizeOf(frame, name, axis, span);
  };
  return evaluateStatic(expression, root, frame.environment, sizes, *frame.diagnostics);
}

mlir::RankedTensorType BodyBuilder::type(Frame &frame, const TypeSyntax &syntax) {
  auto sizes = [&](llvm::StringRef name, std::optional<int64_t> axis, Span span) {
    return sizeOf(frame, name, axis, span);
  };
  return evaluateType(syntax, frame.environment, sizes, program.context, *frame.diagnostics);
}

/// A number, a bool, an expression, "$attribute" or, for kinds that are text, a word.
std::optional<StaticValue> BodyBuilder::scalarValue(Frame &frame, JsonValue value, llvm::StringRef kind) {
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
  if (text.starts_with("$")) return wordValue(frame, text.drop_front(), value.span());
  if (isTextKind(kind) && kind != "init") return StaticValue::ofText(text);
  std::optional<Expression> expression = parseExpression(value, *frame.diagnostics);
  if (!expression) return std::nullopt;
  if (kind == "init") return initText(frame, *expression);
  return staticValue(frame, *expression, expression->nodes.size() - 1);
}

/// The value of the attribute that "$word" names.
std::optional<StaticValue> BodyBuilder::wordValue(Frame &frame, llvm::StringRef word, Span span) {
  if (const StaticValue *attribute = frame.environment.find(word)) return *attribute;
  std::vector<llvm::StringRef> names = frame.environment.names();
  frame.diagnostics->error("G1003", span,
                           "no attribute '" + support::printable(word) + "' here" + support::didYouMean(word, names));
  return std::nullopt;
}

/// "normal(0.02 / sqrt(2*L))": arguments are expressions of whoever writes them; the scheme's name is looked up later.
std::optional<StaticValue> BodyBuilder::initText(Frame &frame, const Expression &expression) {
  const ExpressionNode &root = expression.root();
  if (root.kind == ExpressionKind::Name && !frame.environment.find(root.text)) return StaticValue::ofText(root.text);
  if (root.kind != ExpressionKind::Call || isStaticFunction(root.text))
    return staticValue(frame, expression, expression.nodes.size() - 1);
  std::string text = root.text + "(";
  for (uint32_t operand : root.operands) {
    std::optional<StaticValue> value = staticValue(frame, expression, operand);
    if (!value) return std::nullopt;
    if (!value->isNumber()) {
      frame.diagnostics->error("G0010", expression.span(expression.nodes[operand]),
                               "expected a number, this is " + value->kindName());
      return std::nullopt;
    }
    text += (operand == root.operands[0] ? "" : ", ") + value->toString();
  }
  return StaticValue::ofText(text + ")");
}

std::optional<StaticValue> BodyBuilder::attributeValue(Frame &frame, JsonValue json, llvm::StringRef kind) {
  llvm::StringRef element = kind;
  bool listOf = element.consume_front("list of ");
  if (json.isObject()) {
    if (kind != "init" && kind != "any") {
      checkKind(json, aBool | aNumber | aString | anArray, "'" + json.key().str() + "'", *frame.diagnostics);
      return std::nullopt;
    }
    if (!checkKeys(json, initKeys(), "an initial value", *frame.diagnostics)) return std::nullopt;
    if (bool(json.find("file")) == bool(json.find("value"))) {
      frame.diagnostics->error("G0012", json.span(), "an initial value is either a 'file' or a 'value'");
      return std::nullopt;
    }
    StaticValue object;
    object.kind = StaticValue::Object;
    object.object = json;
    return object;
  }
  if (!json.isArray()) {
    std::optional<StaticValue> value = scalarValue(frame, json, listOf ? "list" : kind);
    return value ? convert(frame, std::move(*value), kind, json.span()) : std::nullopt;
  }
  if (json.size() > 4096) {
    frame.diagnostics->error("G0010", json.span(), "a list in an attribute has at most 4096 elements");
    return std::nullopt;
  }
  StaticValue list;
  list.kind = StaticValue::List;
  for (JsonValue member = json.firstChild(); member; member = member.next()) {
    bool isPair = member.isArray() && (kind == "any" || kind == "padding");
    if (listOf) { // one value of the kind per element
      std::optional<StaticValue> value = attributeValue(frame, member, element);
      if (!value) return std::nullopt;
      list.list.push_back(std::move(*value));
    } else if (kind == "dims" && member.isString() && member.string().starts_with("...")) {
      for (const graph::Dim &dim : frame.environment.rests.lookup(member.string().drop_front(3)))
        list.list.push_back(StaticValue::of(dim));
    } else if (isPair) { // [low, high]
      StaticValue pair;
      pair.kind = StaticValue::List;
      for (JsonValue side = member.firstChild(); side; side = side.next()) {
        std::optional<StaticValue> value = scalarValue(frame, side, "ints");
        if (!value) return std::nullopt;
        pair.list.push_back(std::move(*value));
      }
      list.list.push_back(std::move(pair));
    } else {
      std::optional<StaticValue> value = scalarValue(frame, member, kind == "padding" ? llvm::StringRef("ints") : kind);
      if (!value) return std::nullopt;
      list.list.push_back(std::move(*value));
    }
  }
  return convert(frame, std::move(list), kind, json.span());
}

mlir::Attribute BodyBuilder::attributeOf(Frame &frame, JsonValue json, llvm::StringRef kind) {
  if (kind == "type" && json.isString() && !json.string().starts_with("$")) { // may name dims, dtypes and '...' here
    auto syntax = parseType(json, false, frame.parent != nullptr, *frame.diagnostics);
    mlir::RankedTensorType type = syntax ? this->type(frame, *syntax) : mlir::RankedTensorType();
    return type ? mlir::TypeAttr::get(type) : mlir::Attribute();
  }
  std::optional<StaticValue> value = attributeValue(frame, json, kind);
  return value ? toAttribute(frame, *value, kind, json.span()) : mlir::Attribute();
}

std::optional<StaticValue> BodyBuilder::fallbackValue(Frame &frame, const AttributeDefinition &attribute) {
  llvm::StringRef text = attribute.json.string();
  Span span = attribute.json.stringSpan(*attribute.fallback, text.size());
  if (isTextKind(attribute.kind)) {
    llvm::StringRef word = text.drop_front(*attribute.fallback).trim();
    if (attribute.kind == "init") {
      auto expression = parseExpression(attribute.json, *attribute.fallback, text.size(), *frame.diagnostics);
      return expression ? initText(frame, *expression) : std::nullopt;
    }
    if (attribute.kind == "any" || attribute.kind == "padding") { // a word, or a number or bool written out
      if (std::optional<double> number = parseReal(word); number && std::isfinite(*number)) {
        auto expression = parseExpression(attribute.json, *attribute.fallback, text.size(), *frame.diagnostics);
        return expression ? staticValue(frame, *expression, expression->nodes.size() - 1) : std::nullopt;
      }
      if (word == "true" || word == "false") return StaticValue::ofBoolean(word == "true");
    }
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
  if (kind.starts_with("list of ")) return value.kind == StaticValue::List ? std::optional(value) : fail("a list");
  if (kind == "int") return value.kind == StaticValue::Integer ? std::optional(value) : fail("an integer");
  if (kind == "bool") return value.kind == StaticValue::Boolean ? std::optional(value) : fail("a bool");
  if (kind == "float") return value.isNumber() ? std::optional(StaticValue::of(value.asReal())) : fail("a number");
  if (kind == "init") {
    bool good = value.isNumber() || value.kind == StaticValue::Text || value.kind == StaticValue::Object;
    return good ? std::optional(value) : fail("a number or a text");
  }
  if (kind == "ints" || kind == "int2" || kind == "floats" || kind == "dims" ||
      (kind == "padding" && value.kind != StaticValue::Text))
    return convertList(frame, std::move(value), kind, span);
  if (value.kind != StaticValue::Text) return fail("a text");
  return convertWord(frame, std::move(value), kind, span);
}

/// Numbers, or pairs of them where the kind is padding; one number is a list of one.
std::optional<StaticValue> BodyBuilder::convertList(Frame &frame, StaticValue value, llvm::StringRef kind, Span span) {
  StaticValue one = value;
  if (value.kind != StaticValue::List) {
    value = StaticValue();
    value.kind = StaticValue::List;
    value.list.assign(kind == "int2" ? 2 : 1, one);
  }
  if (kind == "int2" && value.list.size() != 2) {
    frame.diagnostics->error("G2002", span, "expected 2 integers, these are " + llvm::Twine(value.list.size()));
    return std::nullopt;
  }
  size_t pairs = 0;
  auto fits = [&](const StaticValue &v) {
    bool isPair = kind == "padding" && v.kind == StaticValue::List && v.list.size() == 2 &&
                  llvm::all_of(v.list, [](const StaticValue &side) { return side.kind == StaticValue::Integer; });
    pairs += isPair;
    return isPair || (kind == "floats" ? v.isNumber()
                      : kind == "dims" ? v.isInteger()
                                       : v.kind == StaticValue::Integer);
  };
  bool good = llvm::all_of(value.list, fits);
  if (good && (pairs == 0 || pairs == value.list.size())) return value;
  llvm::StringRef wanted = kind == "int2"      ? "two integers"
                           : kind == "floats"  ? "numbers"
                           : kind == "dims"    ? "sizes"
                           : kind == "padding" ? "a word, integers or pairs [low, high]"
                                               : "integers";
  llvm::StringRef found = one.kind == StaticValue::List ? llvm::StringRef("a list of something else") : one.kindName();
  frame.diagnostics->error("G0010", span, "expected " + wanted + ", this is " + found);
  return std::nullopt;
}

std::optional<StaticValue> BodyBuilder::convertWord(Frame &frame, StaticValue value, llvm::StringRef kind, Span span) {
  if (kind == "dtype") {
    if (auto it = frame.environment.dtypes.find(value.text); it != frame.environment.dtypes.end())
      value.text = it->second;
    if (!graph::findDtype(value.text)) {
      frame.diagnostics->error("G3014", span,
                               "no dtype '" + support::printable(value.text) + "'" + dtypeMeant(value.text));
      return std::nullopt;
    }
  }
  if (kind == "op" && !Program::findOp(value.text)) {
    // What it means is decided where it is written: from here on it is the full name.
    const Definition *found = program.find(*frame.definition->scope, value.text);
    if (!found) found = program.findFull(value.text); // passed on from another file by "$attribute"
    if (!found) {
      program.unknownCallee(*frame.definition->scope, value.text, span, /*formula=*/false, program.diagnostics);
      return std::nullopt;
    }
    value.text = found->name;
  }
  return value;
}

mlir::Attribute BodyBuilder::toAttribute(Frame &frame, const StaticValue &value, llvm::StringRef kind, Span span) {
  if (kind == "int") return builder.getI64IntegerAttr(value.integer);
  if (kind == "bool") return builder.getBoolAttr(value.boolean);
  if (kind == "float") return builder.getF64FloatAttr(value.asReal());
  if (kind == "string" || value.kind == StaticValue::Text) {
    if (kind == "dtype") return mlir::TypeAttr::get(elementType(program.context, value.text));
    if (kind == "string" || kind == "padding") return builder.getStringAttr(value.text);
  }
  if (kind == "floats") {
    llvm::SmallVector<double> numbers;
    for (const StaticValue &element : value.list) numbers.push_back(element.asReal());
    return builder.getDenseF64ArrayAttr(numbers);
  }
  if (kind == "dims") {
    graph::Shape shape;
    for (const StaticValue &element : value.list) shape.push_back(element.asSize());
    return graph::shapeAttr(program.context, shape);
  }
  if (kind == "ints" || kind == "padding") {
    llvm::SmallVector<int64_t> integers;
    for (const StaticValue &element : value.list)
      if (element.kind == StaticValue::List)
        for (const StaticValue &side : element.list) integers.push_back(side.integer);
      else
        integers.push_back(element.integer);
    return builder.getDenseI64ArrayAttr(integers);
  }
  frame.diagnostics->error("G0010", span, "a value of kind '" + kind + "' cannot be given here");
  return nullptr;
}

std::optional<bool> BodyBuilder::condition(Frame &frame, JsonValue when) {
  if (!when) return true;
  std::optional<StaticValue> value = attributeValue(frame, when, "bool");
  if (!value) return std::nullopt;
  return value->boolean;
}
} // namespace graphc::frontend
