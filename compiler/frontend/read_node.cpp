// Keys of nodes and their forms (graph-format.md section 4). Keys that are none of the node's own are attributes of its
// op.
#include "compiler/frontend/read_node.h"
#include "compiler/frontend/control.h"

namespace graphc::frontend {
using support::JsonValue;

namespace {
class NodeReader {
public:
  NodeReader(JsonValue json, const Definition &around, support::Diagnostics &diagnostics)
      : json(json), around(around), layer(around.isLayer), diagnostics(diagnostics) {}

  std::optional<NodeDefinition> read() {
    if (!checkKind(json, anObject, "a node", diagnostics)) return std::nullopt;
    node.json = json;
    size_t before = diagnostics.errorCount();
    if (JsonValue op = json.find("op"); op && op.isString() && isControlWord(op.string())) {
      node.control = readControl(json, around, diagnostics);
      if (!node.control) return brokenNode();
      node.callee = op;
      readResults();
      readName();
      readOrder();
      node.when = json.find("when");
      if (JsonValue expect = json.find("expect")) node.expect = parseType(expect, false, layer, diagnostics);
      if (diagnostics.errorCount() != before) return brokenNode();
      return std::move(node);
    }
    if (!checkKeys(json, nodeKeys(), "a node", diagnostics, /*open=*/true)) return std::nullopt;
    readCallee();
    readResults();
    readRest();
    if (diagnostics.errorCount() != before) return brokenNode();
    return std::move(node);
  }

private:
  JsonValue json;
  const Definition &around;
  bool layer;
  support::Diagnostics &diagnostics;
  NodeDefinition node;

  /// A node with mistakes: what it gives is known if its results are, so that the mistakes of others show too.
  std::optional<NodeDefinition> brokenNode() {
    JsonValue out = json.find("out");
    if (out && !out.isString() && !out.isArray() && !out.isObject()) return std::nullopt;
    NodeDefinition broken;
    broken.json = json;
    broken.callee = json.find("op") ? json.find("op") : json.find("formula");
    if (!broken.callee || !broken.callee.isString()) return std::nullopt;
    broken.isFormula = !json.find("op");
    broken.broken = true;
    auto add = [&](JsonValue name) {
      if (name.isString() && isName(name.string())) broken.results.push_back({"", name.string().str(), name});
    };
    if (out && out.isString()) add(out);
    if (out && !out.isString())
      for (JsonValue member = out.firstChild(); member; member = member.next()) add(member);
    JsonValue name = json.find("name");
    if (name && name.isString())
      broken.name = name.string().str();
    else if (!broken.results.empty())
      broken.name = broken.results[0].name;
    return broken;
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

  void readOrder() {
    if (JsonValue after = json.find("after"); after && after.isString())
      node.after.push_back(after);
    else if (after)
      for (JsonValue member = after.firstChild(); member; member = member.next())
        if (checkKind(member, aString, "a name in 'after'", diagnostics)) node.after.push_back(member);
  }

  void readSharing() {
    readOrder();
    JsonValue params = json.find("params");
    node.shares = json.find("shares");
    if (node.isFormula)
      for (JsonValue key : {params, node.shares, json.find("repeat")})
        if (key)
          diagnostics.error("G0011", key.keySpan(),
                            "'" + key.key() + "' belongs to nodes that use a layer or function, this is a formula");
    for (JsonValue member = params ? params.firstChild() : JsonValue(); member; member = member.next())
      if (auto operand = readOperand(member, layer, diagnostics)) {
        operand->parameter = member.key().str();
        node.params.push_back(std::move(*operand));
      }
  }

  void readNames(JsonValue list, std::vector<JsonValue> &names) {
    if (list && list.isString()) names.push_back(list);
    if (!list || !list.isArray()) return;
    for (JsonValue member = list.firstChild(); member; member = member.next())
      if (checkKind(member, aString, "a name in '" + list.key().str() + "'", diagnostics)) names.push_back(member);
  }

  void readRepeat(JsonValue json) {
    RepeatDefinition repeat;
    repeat.json = json;
    if (!json.isObject()) {
      repeat.times = json;
    } else {
      if (!checkKeys(json, repeatKeys(), "'repeat'", diagnostics)) return;
      repeat.times = json.find("times");
      JsonValue each = json.find("each");
      if (bool(repeat.times) == bool(each)) {
        diagnostics.error("G0012", json.keySpan(), "'repeat' needs either 'times' or 'each'");
        return;
      }
      for (JsonValue member = each ? each.firstChild() : JsonValue(); member; member = member.next())
        repeat.each.push_back(member);
      if (each && each.size() == 0) diagnostics.error("G0012", each.span(), "'each' names no attribute");
      readNames(json.find("over"), repeat.over);
      readNames(json.find("collect"), repeat.collect);
    }
    node.repeat = std::move(repeat);
  }

  void addResult(llvm::StringRef result, JsonValue name) {
    if (checkName(name.string(), name.span(), diagnostics))
      node.results.push_back({result.str(), name.string().str(), name});
  }

  void readName() {
    if (JsonValue name = json.find("name")) {
      if (checkName(name.string(), name.span(), diagnostics)) node.name = name.string().str();
    } else {
      for (const ResultName &result : node.results)
        if (node.name.empty() && result.name != "_") node.name = result.name;
    }
  }

  void readRest() {
    readName();
    node.when = json.find("when");
    if (JsonValue otherwise = json.find("else")) {
      if (!node.when) diagnostics.error("G0011", otherwise.keySpan(), "'else' needs 'when' beside it");
      node.otherwise = readOperand(otherwise, layer, diagnostics);
    }
    readSharing();
    if (JsonValue repeat = json.find("repeat")) readRepeat(repeat);
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

std::optional<NodeDefinition> readNode(JsonValue json, const Definition &around, support::Diagnostics &diagnostics) {
  return NodeReader(json, around, diagnostics).read();
}
} // namespace graphc::frontend
