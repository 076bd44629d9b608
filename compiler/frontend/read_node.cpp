// Keys of nodes and their forms (graph-format.md section 4). Keys that are none of the node's own are attributes of its
// op.
#include "compiler/frontend/read_node.h"

namespace graphc::frontend {
using support::JsonValue;

namespace {
class NodeReader {
public:
  NodeReader(JsonValue json, bool layer, support::Diagnostics &diagnostics)
      : json(json), layer(layer), diagnostics(diagnostics) {}

  std::optional<NodeDefinition> read() {
    if (!checkKind(json, anObject, "a node", diagnostics)) return std::nullopt;
    node.json = json;
    size_t before = diagnostics.errorCount();
    if (isRegionOp()) return std::nullopt;
    checkKeys(json, nodeKeys(), "a node", diagnostics, /*open=*/true);
    if (diagnostics.errorCount() != before) return std::nullopt;
    readCallee();
    readResults();
    readRest();
    if (diagnostics.errorCount() != before) return std::nullopt;
    return std::move(node);
  }

private:
  JsonValue json;
  bool layer;
  support::Diagnostics &diagnostics;
  NodeDefinition node;

  /// Control flow has keys of its own: one message on its "op" instead of one per key.
  bool isRegionOp() {
    JsonValue op = json.find("op");
    if (!op || !op.isString()) return false;
    for (llvm::StringRef region : {"if", "while", "scan"})
      if (op.string() == region) {
        notSupported(op.span(), region, diagnostics);
        return true;
      }
    return false;
  }

  void readCallee() {
    JsonValue op = json.find("op"), formula = json.find("formula");
    if (!op && !formula) {
      support::Span span = json.span();
      span.end = span.begin + 1;
      diagnostics.error("G0012", span, "a node needs 'op' or 'formula'");
    } else if (op && formula) {
      diagnostics.error("G0011", formula.keySpan(), "a node has either 'op' or 'formula', this has both");
    } else if (formula) {
      node.callee = formula;
      node.isFormula = true;
      if (JsonValue in = json.find("in")) diagnostics.error("G0011", in.keySpan(), "a 'formula' node has no 'in'");
      if (auto operand = readOperand(formula, layer, diagnostics)) node.operands.push_back(std::move(*operand));
    } else {
      node.callee = op;
      if (JsonValue in = json.find("in")) readOperands(in);
    }
  }

  void readOperands(JsonValue in) {
    if (!in.isArray() && !(in.isObject() && !in.find("type"))) {
      if (auto operand = readOperand(in, layer, diagnostics)) node.operands.push_back(std::move(*operand));
      return;
    }
    for (JsonValue member = in.firstChild(); member; member = member.next())
      if (auto operand = readOperand(member, layer, diagnostics)) {
        if (in.isObject()) operand->parameter = member.key().str();
        node.operands.push_back(std::move(*operand));
      }
  }

  void readResults() {
    JsonValue out = json.find("out");
    if (!out) return;
    if (out.isString()) return addResult("", out);
    for (JsonValue member = out.firstChild(); member; member = member.next())
      if (checkKind(member, aString, "a name in 'out'", diagnostics))
        addResult(out.isObject() ? member.key() : "", member);
    if (node.isFormula && node.results.size() > 1)
      diagnostics.error("G1010", out.span(),
                        "a formula has one result, this names " + llvm::Twine(node.results.size()));
  }

  void addResult(llvm::StringRef result, JsonValue name) {
    if (checkName(name.string(), name.span(), diagnostics))
      node.results.push_back({result.str(), name.string().str(), name});
  }

  void readRest() {
    if (JsonValue name = json.find("name")) {
      if (checkName(name.string(), name.span(), diagnostics)) node.name = name.string().str();
    } else {
      for (const ResultName &result : node.results)
        if (node.name.empty() && result.name != "_") node.name = result.name;
    }
    node.when = json.find("when");
    if (JsonValue otherwise = json.find("else")) {
      if (!node.when) diagnostics.error("G0011", otherwise.keySpan(), "'else' needs 'when' beside it");
      node.otherwise = readOperand(otherwise, layer, diagnostics);
    }
    if (JsonValue expect = json.find("expect")) node.expect = parseType(expect, false, layer, diagnostics);
    for (JsonValue member = json.firstChild(); member; member = member.next())
      if (llvm::none_of(nodeKeys(), [&](const KeyRule &rule) { return rule.key == member.key(); })) {
        if (node.isFormula)
          diagnostics.error("G0011", member.keySpan(),
                            "'" + support::printable(member.key()) + "' is no key of a formula node");
        node.attributes.push_back(member);
      }
  }
};
} // namespace

std::optional<NodeDefinition> readNode(JsonValue json, bool layer, support::Diagnostics &diagnostics) {
  return NodeReader(json, layer, diagnostics).read();
}
} // namespace graphc::frontend
