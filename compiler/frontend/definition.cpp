// From JSON to Definition: keys and kinds first (schema.cpp), then every string that holds a type or a formula is
// parsed.
#include "compiler/frontend/definition.h"
#include "compiler/frontend/read_node.h"

namespace graphc::frontend {
using support::JsonValue;

const NodeDefinition *Definition::findNode(llvm::StringRef nodeName) const {
  for (const NodeDefinition &node : nodes)
    if (node.name == nodeName) return &node;
  return nullptr;
}

bool checkName(llvm::StringRef name, support::Span span, support::Diagnostics &diagnostics) {
  if (isName(name)) return true;
  diagnostics.error("G0015", span,
                    "'" + support::printable(name.take_front(64)) +
                        "' is no name: a name has letters, digits and '_', and does not begin with a digit");
  return false;
}

std::optional<Operand> readOperand(JsonValue json, bool layer, support::Diagnostics &diagnostics) {
  Operand operand;
  operand.json = json;
  switch (json.kind()) {
  case support::JsonKind::Number:
    if (!json.real()) {
      diagnostics.error("G0006", json.span(), "'" + json.numberText() + "' is too large");
      return std::nullopt;
    }
    return operand;
  case support::JsonKind::Bool:
    operand.kind = Operand::Boolean;
    return operand;
  case support::JsonKind::String:
    operand.kind = Operand::Formula;
    operand.expression = parseExpression(json, diagnostics);
    if (!operand.expression) return std::nullopt;
    return operand;
  case support::JsonKind::Object: {
    if (!checkKeys(json, literalKeys(), "a typed literal", diagnostics)) return std::nullopt;
    if (!json.find("value")) {
      diagnostics.error("G0012", json.span(), "a typed literal needs 'value'");
      return std::nullopt;
    }
    operand.kind = Operand::TypedLiteral;
    auto type = parseType(json.find("type"), false, layer, diagnostics);
    if (!type) return std::nullopt;
    operand.literal = Literal{std::move(*type), json.find("value")};
    return operand;
  }
  default:
    checkKind(json, aBool | aNumber | aString | anObject, "an operand", diagnostics);
    return std::nullopt;
  }
}

namespace {
constexpr llvm::StringRef attributeKinds[] = {"any", "bool", "dtype", "float", "floats", "init",
                                              "int", "int2", "ints",  "op",    "string"};

class DefinitionReader {
public:
  DefinitionReader(JsonValue json, bool isLayer, support::Diagnostics &diagnostics) : diagnostics(diagnostics) {
    result.json = json;
    result.isLayer = isLayer;
    result.name = json.key().str();
  }

  Definition read() {
    size_t before = diagnostics.errorCount();
    if (checkName(result.json.key(), result.json.keySpan(), diagnostics) &&
        checkKind(result.json, anObject, result.isLayer ? "a layer" : "a function", diagnostics) &&
        checkKeys(result.json, result.isLayer ? layerKeys() : functionKeys(), result.isLayer ? "a layer" : "a function",
                  diagnostics)) {
      result.doc = text(result.json, "doc");
      each("attributes", [&](JsonValue member) { readAttribute(member); });
      each("inputs", [&](JsonValue member) { readInput(member); });
      each("params", [&](JsonValue member) { readParam(member); });
      each("requires", [&](JsonValue member) { readCondition(member); });
      each("nodes", [&](JsonValue member) {
        if (auto node = readNode(member, result.isLayer, diagnostics)) result.nodes.push_back(std::move(*node));
      });
      each("outputs", [&](JsonValue member) { readOutput(member); });
      if (result.json.find("outputs").size() == 0)
        diagnostics.error("G1008", result.json.find("outputs").span(),
                          "'" + result.name + "' has no outputs, nothing would be computed");
    }
    result.valid = diagnostics.errorCount() == before;
    return std::move(result);
  }

private:
  support::Diagnostics &diagnostics;
  Definition result;

  static std::string text(JsonValue object, llvm::StringRef key) {
    JsonValue value = object.find(key);
    return value && value.isString() ? value.string().str() : std::string();
  }
  template <typename F> void each(llvm::StringRef key, F &&read) {
    JsonValue container = result.json.find(key);
    if (!container) return;
    for (JsonValue member = container.firstChild(); member; member = member.next()) read(member);
  }

  void readAttribute(JsonValue member) {
    if (!checkName(member.key(), member.keySpan(), diagnostics) ||
        !checkKind(member, aString, "an attribute", diagnostics))
      return;
    if (llvm::any_of(nodeKeys(), [&](const KeyRule &rule) { return rule.key == member.key(); })) {
      diagnostics.error("G1011", member.keySpan(),
                        "an attribute cannot be called '" + member.key() + "', that is a key of nodes");
      return;
    }
    AttributeDefinition attribute;
    attribute.json = member;
    attribute.name = member.key().str();
    llvm::StringRef whole = member.string(), kind = whole;
    if (size_t equals = whole.find('='); equals != llvm::StringRef::npos) {
      attribute.fallback = equals + 1;
      kind = whole.take_front(equals);
    }
    attribute.kind = kind.trim().str();
    if (!llvm::is_contained(attributeKinds, attribute.kind)) {
      size_t begin = kind.size() - kind.ltrim().size();
      diagnostics.error("G2003", member.stringSpan(begin, begin + attribute.kind.size()),
                        "no kind of attribute '" + support::printable(attribute.kind) + "'" +
                            support::didYouMean(attribute.kind, attributeKinds));
      return;
    }
    result.attributes.push_back(std::move(attribute));
  }

  void readInput(JsonValue member) {
    JsonValue typeJson = member;
    if (!checkName(member.key(), member.keySpan(), diagnostics) ||
        !checkKind(member, aString | anObject, "an input", diagnostics))
      return;
    InputDefinition input;
    input.json = member;
    input.name = member.key().str();
    if (member.isObject()) {
      if (!checkKeys(member, inputKeys(), "an input", diagnostics)) return;
      typeJson = member.find("type");
      input.doc = text(member, "doc");
      if (JsonValue fallback = member.find("default")) {
        input.fallback = readOperand(fallback, result.isLayer, diagnostics);
        if (!input.fallback) return;
      }
    }
    auto type = parseType(typeJson, result.isLayer, result.isLayer, diagnostics);
    if (!type) return;
    input.type = std::move(*type);
    result.inputs.push_back(std::move(input));
  }

  void readParam(JsonValue member) {
    if (!checkName(member.key(), member.keySpan(), diagnostics) ||
        !checkKind(member, anObject, "a param", diagnostics) || !checkKeys(member, paramKeys(), "a param", diagnostics))
      return;
    ParamDefinition param;
    param.json = member;
    param.name = member.key().str();
    param.doc = text(member, "doc");
    param.init = member.find("init");
    param.when = member.find("when");
    auto type = parseType(member.find("type"), false, result.isLayer, diagnostics);
    if (!type) return;
    param.type = std::move(*type);
    result.params.push_back(std::move(param));
  }

  void readCondition(JsonValue member) {
    if (!checkKind(member, aString, "a condition in 'requires'", diagnostics)) return;
    if (auto expression = parseExpression(member, diagnostics)) result.conditions.push_back(std::move(*expression));
  }

  void readOutput(JsonValue member) {
    bool list = result.json.find("outputs").isArray();
    OutputDefinition output;
    output.json = member;
    JsonValue value = member;
    if (list) {
      if (!checkKind(member, aString, "an output in a list", diagnostics) ||
          !checkName(member.string(), member.span(), diagnostics))
        return;
      output.name = member.string().str();
    } else {
      if (!checkName(member.key(), member.keySpan(), diagnostics)) return;
      output.name = member.key().str();
      if (member.isObject()) {
        if (!checkKeys(member, outputKeys(), "an output", diagnostics)) return;
        value = member.find("value");
        output.doc = text(member, "doc");
        if (JsonValue type = member.find("type")) {
          // {type, value: 0} is a typed literal; with a formula as its value the type is checked.
          output.type = parseType(type, false, result.isLayer, diagnostics);
          if (!output.type) return;
        }
      }
    }
    auto operand = readOperand(value, result.isLayer, diagnostics);
    if (!operand) return;
    output.value = std::move(*operand);
    result.outputs.push_back(std::move(output));
  }
};
} // namespace

Definition readDefinition(JsonValue json, bool isLayer, support::Diagnostics &diagnostics) {
  return DefinitionReader(json, isLayer, diagnostics).read();
}
} // namespace graphc::frontend
