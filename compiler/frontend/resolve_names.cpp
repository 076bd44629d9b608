// Kahn's algorithm over edges found by looking at the names in each node's formulas. All loops, no recursion: graphs of
// 10^5 nodes in one chain are fine.
#include "compiler/frontend/resolve_names.h"
#include "compiler/frontend/control.h"
#include "llvm/ADT/StringSet.h"
#include <queue>

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

namespace {
struct Use { // of node `node` by another
  uint32_t node;
  Span span;
  bool onlyBuilds = false; // "shares": built before, but its effects are in no order
};

class Resolver {
public:
  /// `outer`: of a region, whose node it is there, `outerNode`.
  Resolver(Definition &definition, Program &program, support::Diagnostics &diagnostics, Resolver *outer = nullptr,
           uint32_t outerNode = 0)
      : definition(definition), program(program), diagnostics(diagnostics), outer(outer), outerNode(outerNode) {}

  void run() {
    size_t before = diagnostics.errorCount();
    collectNames();
    uses.resize(definition.nodes.size() + 1); // the last: outputs and updates
    llvm::SmallVectorImpl<Use> &atEnd = uses.back();
    for (uint32_t i = 0; i < definition.nodes.size(); ++i) resolveNode(i);
    JsonValue outputs = outer ? JsonValue() : definition.json.find("outputs");
    bool list = outputs && outputs.isArray();
    for (const OutputDefinition &output : definition.outputs) resolveOperand(output.value, atEnd, list);
    for (const UpdateDefinition &update : definition.updates) {
      resolveOperand(update.value, atEnd);
      if (update.when) resolveSizes(update.when, atEnd);
    }
    llvm::SmallVector<Use> ignored;
    for (const InputDefinition &input : definition.inputs)
      if (input.fallback) resolveOperand(*input.fallback, ignored);
    if (definition.shares) resolveShares();
    if (diagnostics.errorCount() == before) sort();
    if (diagnostics.errorCount() != before) definition.valid = false;
  }

private:
  Definition &definition;
  Program &program;
  support::Diagnostics &diagnostics;
  Resolver *outer;
  uint32_t outerNode;
  llvm::StringMap<Span> names;         // everything R12 wants unique
  llvm::StringMap<uint32_t> producers; // result -> node
  llvm::StringMap<uint32_t> owners;    // name of a node that uses a layer and owns its params -> node
  llvm::StringMap<uint32_t> nodeNames; // any node's name -> node
  llvm::StringSet<> values;            // inputs, params, results
  std::vector<llvm::SmallVector<Use>> uses;

  bool add(llvm::StringRef name, Span span) {
    auto refuse = [&](llvm::StringRef code, llvm::StringRef problem, Span other, llvm::StringRef note) {
      std::string quoted = "'" + name.str() + "' ";
      support::Diagnostic d;
      d.code = code;
      d.message = quoted + problem.str();
      d.span = span;
      d.notes.push_back({other, quoted + note.str()});
      diagnostics.report(std::move(d));
      return false;
    };
    for (Resolver *around = outer; around; around = around->outer)
      if (auto hidden = around->names.find(name); hidden != around->names.end())
        return refuse("G1011", "hides a name that this region sees, choose another", hidden->second, "is defined here");
    auto [it, isNew] = names.try_emplace(name, span);
    return isNew || refuse("G1005", "is defined twice", it->second, "is first defined here");
  }

  void collectNames() {
    for (const AttributeDefinition &a : definition.attributes) add(a.name, a.json.keySpan());
    for (const InputDefinition &input : definition.inputs) {
      values.insert(input.name);
      add(input.name, input.json.keySpan());
      for (const DimSyntax &dim : input.type.dims)
        if (dim.kind == DimSyntax::Binder) names.try_emplace(dim.binder, input.json.keySpan());
      if (input.type.dtypeIsBinder) names.try_emplace(input.type.dtype, input.json.keySpan());
    }
    for (const ParamDefinition &param : definition.params) {
      values.insert(param.name);
      add(param.name, param.json.keySpan());
    }
    for (const RegionArgument &argument : definition.arguments)
      if (add(argument.name, argument.span)) values.insert(argument.name);
    for (uint32_t i = 0; i < definition.nodes.size(); ++i) {
      const NodeDefinition &node = definition.nodes[i];
      for (const ResultName &result : node.results)
        if (result.name != "_" && add(result.name, result.json.span())) {
          values.insert(result.name);
          producers[result.name] = i;
        }
      if (!node.name.empty()) nodeNames.try_emplace(node.name, i);
      addOwner(node, i);
      if (!node.control) continue;
      for (const RegionDefinition &region : node.control->regions)
        forEachNode(region.content, [&](const NodeDefinition &inside) { addOwner(inside, i); });
    }
  }

  /// Regions add nothing to paths (R15), so nodes in them own params as if they stood in the definition itself.
  void addOwner(const NodeDefinition &node, uint32_t index) {
    if (node.name.empty() || node.shares || (!node.broken && !usesLayer(node))) return;
    bool isNew = owners.try_emplace(node.name, index).second;
    if (!isNew && !outer) // said once, by the definition
      diagnostics.error("G1005", node.callee.span(),
                        "two nodes with params are called '" + node.name + "', give one another 'name'");
  }

  /// True if the node that owns these params is known; it is waited for.
  bool waitForOwner(llvm::StringRef name, Span span, llvm::SmallVectorImpl<Use> &found, bool onlyBuilds) {
    auto it = owners.find(name);
    if (it == owners.end()) return outer && outer->waitForOwner(name, span, outer->uses[outerNode], onlyBuilds);
    found.push_back({it->second, span, onlyBuilds});
    return true;
  }

  /// True if this is a name here, or around here; the node that gives it is waited for.
  bool waitFor(llvm::StringRef name, Span span, llvm::SmallVectorImpl<Use> &found) {
    if (auto it = producers.find(name); it != producers.end()) {
      found.push_back({it->second, span});
      return true;
    }
    return names.count(name) || (outer && outer->waitFor(name, span, outer->uses[outerNode]));
  }

  bool usesLayer(const NodeDefinition &node) const {
    if (node.isFormula) return false;
    const Definition *callee = program.find(*definition.scope, node.callee.string());
    return node.callee.string().starts_with("$") || (callee && callee->isLayer);
  }

  void resolveShares() {
    const Definition *owner = program.find(*definition.scope, definition.shares.string());
    if (owner && !owner->isLayer && owner != &definition) return;
    llvm::SmallVector<llvm::StringRef> names;
    for (auto &entry : program.definitions)
      if (!entry.second.isLayer && &entry.second != &definition) names.push_back(entry.first);
    diagnostics.error("G1003", definition.shares.span(),
                      "no other function '" + support::printable(definition.shares.string()) + "' to share with" +
                          support::didYouMean(definition.shares.string(), names));
  }

  /// "shares" and "after": the node waits for those it names.
  void resolveOrder(const NodeDefinition &node, llvm::SmallVectorImpl<Use> &found) {
    if (node.shares) {
      if (!waitForOwner(node.shares.string(), node.shares.span(), found, /*onlyBuilds=*/true)) {
        std::vector<llvm::StringRef> names;
        for (auto &entry : owners) names.push_back(entry.getKey());
        llvm::sort(names);
        diagnostics.error("G1003", node.shares.span(),
                          "no node '" + support::printable(node.shares.string()) + "' with params of its own here" +
                              support::didYouMean(node.shares.string(), names));
      }
    }
    for (JsonValue name : node.after) {
      if (producers.count(name.string()) || nodeNames.count(name.string())) {
        bool isValue = producers.count(name.string());
        found.push_back({isValue ? producers.lookup(name.string()) : nodeNames.lookup(name.string()), name.span()});
        continue;
      }
      std::vector<llvm::StringRef> names;
      for (auto &entry : producers) names.push_back(entry.getKey());
      for (auto &entry : nodeNames) names.push_back(entry.getKey());
      llvm::sort(names);
      diagnostics.error("G1003", name.span(),
                        "no value or node '" + support::printable(name.string()) + "' here" +
                            support::didYouMean(name.string(), names));
    }
  }

  void resolveNode(uint32_t index) {
    const NodeDefinition &node = definition.nodes[index];
    if (node.broken) return;
    if (node.control) {
      if (node.when) resolveSizes(node.when, uses[index]);
      resolveOrder(node, uses[index]);
      return resolveControl(*node.control, index);
    }
    if (!node.isFormula) resolveCallee(node);
    for (const Operand &operand : node.operands) resolveOperand(operand, uses[index]);
    if (node.otherwise) resolveOperand(*node.otherwise, uses[index]);
    for (const Operand &param : node.params) resolveOperand(param, uses[index]);
    resolveOrder(node, uses[index]);
    for (JsonValue attribute : node.attributes) resolveSizes(attribute, uses[index]);
    if (node.repeat && node.repeat->times) resolveSizes(node.repeat->times, uses[index]);
    if (node.when) resolveSizes(node.when, uses[index]);
  }

  void resolveControl(ControlDefinition &control, uint32_t index) {
    if (control.condition) resolveOperand(*control.condition, uses[index]);
    for (const auto *named : {&control.carries, &control.over})
      for (const NamedOperand &one : *named) resolveOperand(one.value, uses[index]);
    for (JsonValue attribute : {control.axis, control.length, control.limit})
      if (attribute) resolveSizes(attribute, uses[index]);
    for (RegionDefinition &region : control.regions) Resolver(region.content, program, diagnostics, this, index).run();
  }

  void resolveCallee(const NodeDefinition &node) {
    llvm::StringRef name = node.callee.string();
    if (name.starts_with("$")) {
      llvm::SmallVector<llvm::StringRef> candidates;
      for (const Resolver *around = this; around; around = around->outer)
        for (const AttributeDefinition &a : around->definition.attributes) {
          if (a.kind == "op" && a.name == name.drop_front()) return;
          if (a.kind == "op") candidates.push_back(a.name);
        }
      diagnostics.error("G1001", node.callee.span(),
                        "no attribute of kind op '" + support::printable(name.drop_front()) + "' here" +
                            support::didYouMean(name.drop_front(), candidates));
    } else if (!Program::findOp(name) && !program.find(*definition.scope, name)) {
      program.unknownCallee(*definition.scope, name, node.callee.span(), /*formula=*/false, diagnostics);
    }
  }

  /// `isOutput`: a name in the list of outputs, which no formula but only a node or input can give.
  void resolveOperand(const Operand &operand, llvm::SmallVectorImpl<Use> &found, bool isOutput = false) {
    if (!operand.expression) return;
    for (const ExpressionNode &node : operand.expression->nodes) {
      Span span = operand.expression->span(node);
      if (node.kind == ExpressionKind::Name && !node.isStatic) resolveValue(node.text, span, found, isOutput);
      if (node.kind != ExpressionKind::Call) continue;
      if (node.isStatic) {
        resolveSize(*operand.expression, node, found);
        continue;
      }
      Span callee = operand.expression->origin.stringSpan(node.begin, node.begin + node.text.size());
      const Definition *called = program.find(*definition.scope, node.text);
      if (!called && !Program::findOp(node.text))
        program.unknownCallee(*definition.scope, node.text, callee, /*formula=*/true, diagnostics);
    }
  }

  /// size(x, axis) and rank(x) in a static expression make the node wait for x.
  void resolveSizes(JsonValue attribute, llvm::SmallVectorImpl<Use> &found) {
    if (!attribute.isString()) return;
    if (!attribute.string().contains("size(") && !attribute.string().contains("rank(")) return;
    support::Diagnostics quiet(program.sources); // a text that is no expression is reported where its kind is known
    std::optional<Expression> expression = parseExpression(attribute, quiet);
    if (!expression) return;
    for (const ExpressionNode &node : expression->nodes)
      if (node.kind == ExpressionKind::Call) resolveSize(*expression, node, found);
  }
  void resolveSize(const Expression &expression, const ExpressionNode &call, llvm::SmallVectorImpl<Use> &found) {
    if (!readsTensor(call) || call.operands.empty()) return;
    const ExpressionNode &name = expression.nodes[call.operands[0]];
    if (name.kind != ExpressionKind::Name) return;
    waitFor(name.text, expression.span(name), found); // what is no name is reported where it is read
  }

  void resolveValue(llvm::StringRef name, Span span, llvm::SmallVectorImpl<Use> &found, bool isOutput) {
    if (waitFor(name, span, found)) return;
    if (name == "inf" || name == "nan" || definition.scope->dims.find(name)) return;
    if (name.contains('.')) {
      llvm::StringRef path = name, head = path.split('.').first;
      if (head == definition.name && !definition.isLayer) {
        path = path.split('.').second;
        head = path.split('.').first;
      }
      if (waitForOwner(head, span, found, /*onlyBuilds=*/false)) return;
      const Definition *function = program.find(*definition.scope, name.split('.').first);
      if (!definition.isLayer && function && !function->isLayer) return; // checked when that function is built
    }
    llvm::SmallVector<llvm::StringRef> candidates;
    for (const Resolver *around = this; around; around = around->outer)
      for (auto &entry : around->values) candidates.push_back(entry.getKey());
    llvm::sort(candidates);
    std::string near = support::nearestWord(name, candidates);
    support::Diagnostic d;
    std::string shown = "'" + support::printable(name.take_front(64)) + "'";
    d.code = isOutput ? "G1009" : "G1003";
    d.message = (isOutput ? "output " + shown + " is no input and no node's result" : "no value " + shown + " here") +
                (near.empty() ? "" : ", did you mean '" + near + "'?");
    d.span = span;
    for (const Resolver *around = near.empty() ? nullptr : this; around; around = around->outer)
      if (auto it = around->names.find(near); it != around->names.end())
        d.notes.push_back({it->second, "'" + near + "' is defined here"});
    diagnostics.report(std::move(d));
  }

  void sort() {
    size_t count = definition.nodes.size();
    for (const llvm::SmallVector<Use> &used : uses) {
      definition.dependencies.emplace_back();
      for (const Use &use : used)
        if (!use.onlyBuilds) definition.dependencies.back().push_back(use.node);
    }
    std::vector<llvm::SmallVector<uint32_t>> users(count);
    std::vector<uint32_t> waiting(count, 0);
    for (uint32_t i = 0; i < count; ++i)
      for (const Use &use : uses[i]) {
        users[use.node].push_back(i);
        ++waiting[i];
      }
    std::vector<bool> used(count, false);
    for (const llvm::SmallVector<Use> &some : uses)
      for (const Use &use : some) used[use.node] = true;
    for (uint32_t i = 0; i < count; ++i)
      if (!used[i]) definition.unused.push_back(i);
    std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready;
    for (uint32_t i = 0; i < count; ++i)
      if (waiting[i] == 0) ready.push(i);
    while (!ready.empty()) {
      uint32_t i = ready.top();
      ready.pop();
      definition.order.push_back(i);
      for (uint32_t user : users[i])
        if (--waiting[user] == 0) ready.push(user);
    }
    if (definition.order.size() != count) reportCycle(waiting);
  }

  std::string nodeName(uint32_t i) const {
    const NodeDefinition &node = definition.nodes[i];
    return node.name.empty() ? node.callee.string().str() : node.name;
  }

  /// Every node that waits uses another one that waits: following them must come back to a node seen before.
  void reportCycle(llvm::ArrayRef<uint32_t> waiting) {
    std::vector<int64_t> seenAt(waiting.size(), -1);
    std::vector<Use> path;
    uint32_t at = llvm::find_if(waiting, [](uint32_t w) { return w != 0; }) - waiting.begin();
    while (seenAt[at] < 0) {
      seenAt[at] = path.size();
      const Use &use = *llvm::find_if(uses[at], [&](const Use &u) { return waiting[u.node] != 0; });
      path.push_back({at, use.span});
      at = use.node;
    }
    llvm::ArrayRef<Use> cycle = llvm::ArrayRef<Use>(path).drop_front(seenAt[at]);
    constexpr size_t shown = 8;
    support::Diagnostic d;
    d.code = "G1007";
    d.message = "these nodes need each other: ";
    for (const Use &use : cycle.take_front(shown)) d.message += nodeName(use.node) + " -> ";
    if (cycle.size() > shown) d.message += "(" + std::to_string(cycle.size() - shown) + " more) -> ";
    d.message += nodeName(cycle.front().node);
    d.span = cycle.front().span;
    for (size_t i = 1; i < std::min(cycle.size(), shown); ++i) {
      uint32_t needed = i + 1 < cycle.size() ? cycle[i + 1].node : cycle.front().node;
      d.notes.push_back({cycle[i].span, "'" + nodeName(cycle[i].node) + "' needs '" + nodeName(needed) + "'"});
    }
    diagnostics.report(std::move(d));
  }
};
} // namespace

void resolveNames(Definition &definition, Program &program) {
  support::Diagnostics found(program.sources);
  Resolver(definition, program, found).run();
  program.report(definition, found);
}
} // namespace graphc::frontend
