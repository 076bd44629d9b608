// Edges are conservative: an op named by an attribute of kind op counts as used by whoever writes it down, and a `when`
// is not looked at. Depth-first search with an explicit stack.
#include "compiler/frontend/call_graph.h"
#include "compiler/frontend/recursion.h"
#include "dialects/graph/strongly_connected.h"

namespace graphc::frontend {
using support::JsonValue;
using support::Span;

namespace {
constexpr uint64_t maxNodes = 1000000; // after inlining
constexpr uint32_t maxLayerDepth = 64; // instances inside instances: the builder recurses over these

struct Edge {
  const Definition *callee;
  Span span;
  bool isCall = false; // by a node or a formula
};

class CallGraph {
public:
  explicit CallGraph(Program &program) : program(program) {}

  CallOrder run() {
    for (auto &entry : program.definitions) collectEdges(entry.second);
    for (auto &entry : program.definitions)
      if (entry.second.derive) addRules(entry.second);
    findRecursion();
    for (auto &entry : program.definitions) visit(entry.second);
    joinCycles();
    for (const std::string &name : order) count(program.definitions.find(name)->second);
    return {order, trainedDefinitions()};
  }

private:
  Program &program;
  std::map<std::string, std::vector<Edge>, std::less<>> edges;
  std::map<std::string, uint64_t, std::less<>> cost;
  std::map<std::string, uint32_t, std::less<>> depth;
  enum State { Unseen, Open, Done };
  std::map<std::string, State, std::less<>> state;
  std::vector<std::string> order;

  std::set<std::string> trainedDefinitions() {
    std::set<std::string> trained;
    size_t before;
    do { // again where a rule, which may call what it is a rule of, stands before it
      before = trained.size();
      for (const std::string &name : llvm::reverse(order)) { // callers first
        const Definition &caller = program.definitions.find(name)->second;
        if (!caller.train.value_or(trained.count(name))) continue;
        for (const Edge &edge : edges[name]) trained.insert(edge.callee->name);
        for (const Edge &rule : rulesOf(caller)) trained.insert(rule.callee->name);
      }
    } while (trained.size() != before);
    return trained;
  }

  std::vector<Edge> rulesOf(const Definition &definition) {
    std::vector<Edge> rules;
    if (const auto &custom = definition.customDerivative)
      for (JsonValue name : {custom->jvp, custom->vjp, custom->forward})
        if (const Definition *rule = name ? program.find(*definition.scope, name.string()) : nullptr)
          rules.push_back({rule, name.span()});
    return rules;
  }

  /// A derivative needs the rules of all that it may meet. A function is no user of its own rules: they may call it.
  void addRules(const Definition &derivative) {
    std::set<const Definition *> seen;
    std::vector<const Definition *> open{&derivative};
    while (!open.empty()) {
      const Definition *definition = open.back();
      open.pop_back();
      if (!seen.insert(definition).second) continue;
      for (const Edge &edge : edges[definition->name]) open.push_back(edge.callee);
      for (const Edge &rule : rulesOf(*definition)) {
        open.push_back(rule.callee);
        edges[derivative.name].push_back(rule);
      }
    }
  }

  void addEdge(const Definition &from, llvm::StringRef to, Span span, bool isCall = false) {
    if (const Definition *callee = program.find(*from.scope, to)) edges[from.name].push_back({callee, span, isCall});
  }

  /// Functions that call each other in a circle by plain calls. Layers, derivatives and users of params of each other
  /// in a circle are a mistake: visit() finds it.
  void findRecursion() {
    std::vector<Definition *> definitions;
    std::map<const Definition *, unsigned> number;
    for (auto &entry : program.definitions) {
      number[&entry.second] = definitions.size();
      definitions.push_back(&entry.second);
    }
    std::vector<std::vector<unsigned>> leads(definitions.size());
    for (auto [i, definition] : llvm::enumerate(definitions))
      for (const Edge &edge : edges[definition->name]) leads[i].push_back(number[edge.callee]);
    for (const std::vector<unsigned> &component : graph::stronglyConnected(leads)) {
      auto inside = [&](const Definition *definition) { return llvm::is_contained(component, number[definition]); };
      if (!graph::isCircle(component, leads)) {
        lintNoRecursion(*definitions[component[0]]);
        continue;
      }
      bool byCalls = llvm::all_of(component, [&](unsigned member) {
        const Definition &definition = *definitions[member];
        return !definition.isLayer && !definition.derive && !definition.layerUse &&
               llvm::all_of(edges[definition.name],
                            [&](const Edge &edge) { return edge.isCall || !inside(edge.callee); });
      });
      if (!byCalls) continue;
      std::vector<std::string> names;
      for (unsigned member : component) names.push_back(definitions[member]->name);
      for (unsigned member : component) definitions[member]->cycle = names;
    }
    for (Definition *definition : definitions)
      if (!definition->cycle.empty() && !definition->recursion && definition->valid) refuseRecursion(*definition);
    checkBaseCases(program);
  }

  /// Memory is planned, so the depth has to be said.
  void refuseRecursion(const Definition &definition) {
    auto inside = [&](const Edge &edge) { return llvm::is_contained(definition.cycle, edge.callee->name); };
    const Edge &first = *llvm::find_if(edges[definition.name], inside);
    std::vector<std::pair<const Definition *, size_t>> reached{{first.callee, 0}}; // and from which of them
    for (size_t i = 0; reached[i].first != &definition; ++i)
      for (const Edge &edge : edges[reached[i].first->name])
        if (inside(edge) && llvm::none_of(reached, [&](auto &known) { return known.first == edge.callee; }))
          reached.push_back({edge.callee, i});
    size_t at = llvm::find_if(reached, [&](auto &known) { return known.first == &definition; }) - reached.begin();
    std::string path = definition.name;
    constexpr size_t shown = 8;
    for (size_t i = 1; at != 0 && i < shown; ++i) {
      at = reached[at].second;
      path = reached[at].first->name + " -> " + path;
    }
    if (at != 0) path = "... -> " + path;
    program.diagnostics.error(
        "G6005", first.span,
        "'" + definition.name + "' calls itself: " + definition.name + " -> " + path + ", and does not say how deep",
        "give '" + definition.name + "' \"recursive\": { \"max_depth\": n }: memory is planned for so many calls");
    for (const std::string &name : definition.cycle) program.definitions.find(name)->second.valid = false;
  }

  /// The functions of a cycle are built together, once the callees of all of them are.
  void joinCycles() {
    std::vector<std::string> joined;
    std::map<std::string, size_t, std::less<>> waiting; // by the first name of a cycle: members that came
    for (const std::string &name : order) {
      const std::vector<std::string> &cycle = program.definitions.find(name)->second.cycle;
      if (cycle.empty())
        joined.push_back(name);
      else if (++waiting[cycle.front()] == cycle.size())
        joined.insert(joined.end(), cycle.begin(), cycle.end());
    }
    order = std::move(joined);
  }

  void lintNoRecursion(const Definition &definition) {
    if (!definition.recursion || allows(definition.json, "G8017") || allows(definition.scope->root, "G8017")) return;
    support::Diagnostic d;
    d.severity = support::Severity::Warning;
    d.code = "G8017";
    d.span = definition.recursion->json.keySpan();
    d.message = "'" + definition.name + "' never calls itself, so 'recursive' says nothing";
    program.diagnostics.report(std::move(d));
  }

  void collectNode(const Definition &definition, const NodeDefinition &node) {
    if (node.broken || node.isFormula || node.control) return;
    addEdge(definition, node.callee.string(), node.callee.span(), /*isCall=*/true);
    const Definition *callee = program.find(*definition.scope, node.callee.string());
    if (!callee) return;
    for (const AttributeDefinition &attribute : callee->attributes) {
      JsonValue given = givenAttribute(definition, node.callee.string(), node.attributes, attribute.name);
      if (attribute.kind == "op" && given && given.isString()) addEdge(definition, given.string(), given.span());
    }
  }

  void collectEdges(const Definition &definition) {
    forEachOperand(definition, [&](const Operand &operand) { collectFormula(definition, operand); });
    forEachNode(definition, [&](const NodeDefinition &node) { collectNode(definition, node); });
    if (definition.layerUse) collectNode(definition, *definition.layerUse);
    if (definition.shares) addEdge(definition, definition.shares.string(), definition.shares.span());
    if (definition.derive)
      for (JsonValue callee : {definition.derive->of, definition.derive->scaledBy,
                               definition.derive->copy ? definition.derive->copy->from : JsonValue(),
                               definition.derive->copy ? definition.derive->copy->to : JsonValue()})
        if (callee) addEdge(definition, callee.string(), callee.span());
    if (const TrainStepDefinition *step = trainStepOf(definition))
      for (JsonValue callee : {step->optimizer.op, step->schedule})
        if (callee) addEdge(definition, callee.string(), callee.span());
    for (const AttributeDefinition &attribute : definition.attributes)
      if (attribute.kind == "op" && attribute.fallback)
        addEdge(definition, attribute.json.string().drop_front(*attribute.fallback).trim(), attribute.json.span());
  }

  static bool hasNode(const Definition &definition, llvm::StringRef name) {
    bool found = false;
    forEachNode(definition, [&](const NodeDefinition &node) { found |= node.name == name; });
    return found;
  }

  void collectFormula(const Definition &definition, const Operand &operand) {
    if (!operand.expression) return;
    for (const ExpressionNode &node : operand.expression->nodes) {
      if (node.kind == ExpressionKind::Call && !node.isStatic)
        addEdge(definition, node.text, operand.expression->span(node), /*isCall=*/true);
      if (node.kind == ExpressionKind::Name && !node.isStatic && llvm::StringRef(node.text).contains('.') &&
          !definition.isLayer) {
        llvm::StringRef owner = llvm::StringRef(node.text).split('.').first;
        if (owner != definition.name && !hasNode(definition, owner))
          addEdge(definition, owner, operand.expression->span(node));
      }
    }
  }

  void visit(Definition &root) {
    if (state[root.name] != Unseen) return;
    std::vector<std::pair<Definition *, size_t>> stack = {{&root, 0}};
    state[root.name] = Open;
    while (!stack.empty()) {
      auto &[definition, next] = stack.back();
      const std::vector<Edge> &out = edges[definition->name];
      if (next == out.size()) {
        state[definition->name] = Done;
        order.push_back(definition->name);
        stack.pop_back();
        continue;
      }
      const Edge &edge = out[next++];
      Definition &callee = program.definitions.find(edge.callee->name)->second;
      if (state[callee.name] == Open) {
        if (callee.cycle.empty()) reportCycle(stack, callee, edge.span);
      } else if (state[callee.name] == Unseen) {
        state[callee.name] = Open;
        stack.emplace_back(&callee, 0);
      }
    }
  }

  void reportCycle(llvm::ArrayRef<std::pair<Definition *, size_t>> stack, const Definition &callee, Span span) {
    auto first = llvm::find_if(stack, [&](auto &entry) { return entry.first == &callee; });
    size_t begin = first - stack.begin(), length = stack.size() - begin;
    constexpr size_t shown = 8;
    std::string path;
    for (size_t i = 0; i < std::min(length, shown); ++i) path += stack[begin + i].first->name + " -> ";
    if (length > shown) path += "(" + std::to_string(length - shown) + " more) -> ";
    for (auto &entry : stack.drop_front(begin)) entry.first->valid = false;
    program.diagnostics.error("G1015", span,
                              callee.isLayer ? "layer '" + callee.name + "' uses itself: " + path + callee.name
                                             : "function '" + callee.name + "' uses itself: " + path + callee.name +
                                                   "; only calls by nodes and formulas may do so");
  }

  /// Nodes of one formula: its operators and calls. What is called is counted by its edge.
  static uint64_t countFormula(const Operand &operand) {
    if (!operand.expression) return 0;
    return llvm::count_if(operand.expression->nodes, [](const ExpressionNode &node) {
      return !node.isStatic && (node.kind == ExpressionKind::Unary || node.kind == ExpressionKind::Binary ||
                                node.kind == ExpressionKind::Call);
    });
  }

  static uint64_t ownNodes(const Definition &definition) {
    uint64_t nodes = 0;
    forEachNode(definition, [&](const NodeDefinition &node) { nodes += node.isFormula ? 0 : 1; });
    forEachOperand(definition, [&](const Operand &operand) { nodes += countFormula(operand); });
    return nodes;
  }

  /// Callees were counted before; a call within a cycle counts as one node. Sums saturate just above the limit.
  void count(Definition &definition) {
    uint64_t nodes = ownNodes(definition);
    uint32_t levels = 1;
    for (const Edge &edge : edges[definition.name]) {
      nodes = std::min(nodes + cost[edge.callee->name], maxNodes + 1);
      if (edge.callee->isLayer) levels = std::max(levels, depth[edge.callee->name] + 1);
    }
    if (nodes > maxNodes && definition.valid) {
      program.diagnostics.error("G1016", definition.json.keySpan(),
                                "'" + definition.name + "' has more than 1000000 nodes once all calls are resolved");
      definition.valid = false;
    }
    if (levels > maxLayerDepth && definition.valid) {
      program.diagnostics.error("G1016", definition.json.keySpan(),
                                "'" + definition.name + "' nests layers deeper than " + std::to_string(maxLayerDepth) +
                                    " levels");
      definition.valid = false;
    }
    cost[definition.name] = nodes;
    depth[definition.name] = std::min(levels, maxLayerDepth);
  }
};
} // namespace

CallOrder callOrder(Program &program) { return CallGraph(program).run(); }
} // namespace graphc::frontend
