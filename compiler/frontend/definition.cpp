// From JSON to Definition: keys and kinds first (schema.cpp), then every string that holds a type or a formula is
// parsed.
#include "compiler/frontend/control.h"
#include "compiler/frontend/program.h"
#include "compiler/frontend/read_derive.h"
#include "compiler/frontend/read_node.h"

namespace graphc::frontend {
using support::JsonValue;

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
    if (bool(json.find("value")) == bool(json.find("file"))) {
      diagnostics.error("G0012", json.span(), "a typed literal needs either 'value' or 'file'");
      return std::nullopt;
    }
    operand.kind = Operand::TypedLiteral;
    auto type = parseType(json.find("type"), false, layer, diagnostics);
    if (!type) return std::nullopt;
    operand.literal = Literal{std::move(*type), json.find("value"), json.find("file")};
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
  DefinitionReader(JsonValue json, bool isLayer, const FileScope &scope, support::Diagnostics &diagnostics)
      : diagnostics(diagnostics) {
    result.json = json;
    result.scope = &scope;
    result.isLayer = isLayer;
    result.isStandard = scope.isStandard;
    result.name = scope.prefix + json.key().str();
  }

  Definition read() {
    size_t before = diagnostics.errorCount();
    llvm::StringRef what = result.isLayer ? "a layer" : "a function";
    if (checkName(result.json.key(), result.json.keySpan(), diagnostics) &&
        checkKind(result.json, anObject, what, diagnostics)) {
      bool isLayerUse = !result.isLayer && result.json.find("layer");
      // A key that does not belong hides no mistake in the others.
      if (isLayerUse)
        readLayerUse();
      else if (!result.isLayer && result.json.find("derive"))
        readDerive();
      else {
        checkKeys(result.json, result.isLayer ? layerKeys() : functionKeys(), what, diagnostics);
        readBody();
      }
    }
    result.valid = diagnostics.errorCount() == before;
    result.hasNames = diagnostics.errorCount() == before + nodeErrors;
    return std::move(result);
  }

private:
  support::Diagnostics &diagnostics;
  Definition result;
  size_t nodeErrors = 0; // inside nodes whose results are known all the same

  static std::string text(JsonValue object, llvm::StringRef key) {
    JsonValue value = object.find(key);
    return value && value.isString() ? value.string().str() : std::string();
  }
  template <typename F> void each(llvm::StringRef key, F &&read) {
    JsonValue container = result.json.find(key);
    if (!container || !(container.isArray() || container.isObject())) return;
    for (JsonValue member = container.firstChild(); member; member = member.next()) read(member);
  }

  void readBody() {
    readMode();
    each("attributes", [&](JsonValue member) { readAttribute(member); });
    each("inputs", [&](JsonValue member) { readInput(member); });
    each("params", [&](JsonValue member) { readParam(member, /*isState=*/false); });
    each("state", [&](JsonValue member) { readParam(member, /*isState=*/true); });
    each("requires", [&](JsonValue member) { readCondition(member); });
    each("nodes", [&](JsonValue member) {
      size_t before = diagnostics.errorCount();
      auto node = readNode(member, result, diagnostics);
      if (!node) return;
      if (node->broken) nodeErrors += diagnostics.errorCount() - before;
      result.nodes.push_back(std::move(*node));
    });
    each("outputs", [&](JsonValue member) { readOutput(member); });
    each("updates", [&](JsonValue member) { readUpdate(member); });
    readCustomDerivative();
    readRecursion();
    JsonValue outputs = result.json.find("outputs");
    if (outputs && outputs.size() == 0 && !result.json.find("updates"))
      diagnostics.error("G1008", outputs.span(), "'" + result.name + "' has no outputs, nothing would be computed");
  }

  void readMode() {
    result.doc = text(result.json, "doc");
    JsonValue mode = result.json.find("mode"), shares = result.json.find("shares");
    if (mode && mode.isString()) {
      result.train = mode.string() == "train";
      if (mode.string() != "train" && mode.string() != "predict")
        diagnostics.error("G2003", mode.span(),
                          "'mode' is 'train' or 'predict', this is '" + support::printable(mode.string()) + "'");
    }
    if (shares && shares.isString()) result.shares = shares;
    result.precision = result.json.find("precision");
    if (!result.precision || !result.precision.isString()) return;
    llvm::StringRef dtype = result.precision.string();
    if (dtype != "bf16" && dtype != "f16")
      diagnostics.error("G2003", result.precision.span(),
                        "'precision' is 'bf16' or 'f16', this is '" + support::printable(dtype) + "'");
  }

  void readDerive() {
    auto ownInputs = [&] {
      each("inputs", [&](JsonValue member) { readInput(member); });
      return std::exchange(result.inputs, {});
    };
    result.derive = frontend::readDerive(result.json, ownInputs, diagnostics);
    if (!result.derive) return;
    readMode();
    llvm::StringRef kind = result.derive->kind.string();
    if (!result.train && (kind == "train_step" || kind == "apply")) result.train = true;
    if (kind == "copy") result.train = false; // the same in both
  }

  void readCustomDerivative() {
    JsonValue json = result.json.find("custom_derivative");
    if (result.isLayer || !json || !json.isObject() ||
        !checkKeys(json, customDerivativeKeys(), "'custom_derivative'", diagnostics))
      return;
    CustomDerivativeDefinition custom;
    custom.json = json;
    custom.vjp = json.find("vjp");
    custom.forward = json.find("forward");
    JsonValue jvp = json.find("jvp");
    if (jvp && jvp.isString()) custom.jvp = jvp;
    if (jvp && !jvp.isString()) {
      custom.derivesItself = jvp.boolean();
      if (!custom.derivesItself)
        diagnostics.error("G0010", jvp.span(),
                          "'jvp' is a function, or true to derive '" + result.name + "' itself in forward mode");
      else if (!custom.vjp)
        diagnostics.error("G0012", json.keySpan(), "without a rule nothing is custom, give 'vjp' beside \"jvp\": true");
    } else if (!jvp && !custom.vjp) {
      diagnostics.error("G0012", json.keySpan(), "'custom_derivative' needs a rule: 'jvp', 'vjp' or both");
    } else if (custom.forward && !custom.vjp) {
      diagnostics.error("G0012", custom.forward.keySpan(), "'forward' makes values for a 'vjp' rule, there is none");
    }
    result.customDerivative = custom;
  }

  void readRecursion() {
    JsonValue json = result.json.find("recursive");
    if (result.isLayer || !json || !json.isObject() || !checkKeys(json, recursiveKeys(), "'recursive'", diagnostics))
      return;
    RecursionDefinition recursion;
    recursion.json = json;
    if (!json.find("max_depth"))
      diagnostics.error("G6005", json.keySpan(), "'recursive' needs 'max_depth', by which memory is planned");
    auto read = [&](llvm::StringRef key, int64_t most) -> std::optional<int64_t> {
      JsonValue value = json.find(key);
      if (!value) return std::nullopt;
      std::optional<int64_t> number = value.integer();
      if (number && *number >= 1 && *number <= most) return number;
      diagnostics.error("G2001", value.span(),
                        "'" + key + "' is an integer from 1 to " + llvm::Twine(most) + ", this is " +
                            value.numberText());
      return std::nullopt;
    };
    recursion.maxDepth = read("max_depth", 1000000).value_or(1);
    recursion.maxCalls = read("max_calls", 1000000000);
    result.recursion = recursion;
  }

  void readLayerUse() {
    if (!checkKeys(result.json, layerUseKeys(), "a function that is a use of a layer", diagnostics, /*open=*/true))
      return;
    readMode();
    each("inputs", [&](JsonValue member) { readInput(member); });
    NodeDefinition use;
    use.json = result.json;
    use.callee = result.json.find("layer");
    for (JsonValue member = result.json.firstChild(); member; member = member.next())
      if (llvm::none_of(layerUseKeys(), [&](const KeyRule &rule) { return rule.key == member.key(); }))
        use.attributes.push_back(member);
    result.layerUse = std::move(use);
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

  void readParam(JsonValue member, bool isState) {
    llvm::StringRef what = isState ? "a state" : "a param";
    if (!checkName(member.key(), member.keySpan(), diagnostics) || !checkKind(member, anObject, what, diagnostics) ||
        !checkKeys(member, isState ? stateKeys() : paramKeys(), what, diagnostics))
      return;
    ParamDefinition param;
    param.json = member;
    param.name = member.key().str();
    param.doc = text(member, "doc");
    param.init = member.find("init");
    param.when = member.find("when");
    param.trainable = member.find("trainable");
    param.isState = isState;
    auto type = parseType(member.find("type"), false, result.isLayer, diagnostics);
    if (!type) return;
    param.type = std::move(*type);
    result.params.push_back(std::move(param));
  }

  void readUpdate(JsonValue member) {
    UpdateDefinition update;
    update.json = member;
    update.name = member.key().str();
    if (llvm::none_of(result.params, [&](const ParamDefinition &p) { return p.isState && p.name == update.name; })) {
      llvm::SmallVector<llvm::StringRef> names;
      for (const ParamDefinition &param : result.params)
        if (param.isState) names.push_back(param.name);
      diagnostics.error("G1003", member.keySpan(),
                        "'" + support::printable(member.key()) + "' is no state of '" + result.name +
                            "', only its owner may update a state" + support::didYouMean(member.key(), names));
      return;
    }
    JsonValue value = member;
    if (member.isObject() && !member.find("type")) {
      if (!checkKeys(member, updateKeys(), "an update", diagnostics)) return;
      value = member.find("value");
      update.when = member.find("when");
    }
    auto operand = readOperand(value, result.isLayer, diagnostics);
    if (!operand) return;
    update.value = std::move(*operand);
    result.updates.push_back(std::move(update));
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

Definition readDefinition(JsonValue json, bool isLayer, const FileScope &scope, support::Diagnostics &diagnostics) {
  return DefinitionReader(json, isLayer, scope, diagnostics).read();
}

void forEachNode(const Definition &definition, llvm::function_ref<void(const NodeDefinition &)> visit) {
  for (const NodeDefinition &node : definition.nodes) {
    visit(node);
    if (node.control)
      for (const RegionDefinition &region : node.control->regions) forEachNode(region.content, visit);
  }
}

void forEachOperand(const Definition &definition, llvm::function_ref<void(const Operand &)> visit) {
  auto visitNode = [&](const NodeDefinition &node) {
    for (const Operand &operand : node.operands) visit(operand);
    for (const Operand &operand : node.params) visit(operand);
    if (node.otherwise) visit(*node.otherwise);
    if (!node.control) return;
    if (node.control->condition) visit(*node.control->condition);
    for (const auto *named : {&node.control->carries, &node.control->over})
      for (const NamedOperand &one : *named) visit(one.value);
    for (const RegionDefinition &region : node.control->regions)
      for (const OutputDefinition &output : region.content.outputs) visit(output.value);
  };
  forEachNode(definition, visitNode);
  if (definition.layerUse) visitNode(*definition.layerUse);
  for (const UpdateDefinition &update : definition.updates) visit(update.value);
  for (const OutputDefinition &output : definition.outputs) visit(output.value);
  for (const InputDefinition &input : definition.inputs)
    if (input.fallback) visit(*input.fallback);
}
} // namespace graphc::frontend
