// recursion.h. A function's results have types only when its body is built, and a body that calls itself needs them
// before. So the functions of a cycle are built in rounds. What a round assumes of them (result types, effects, whether
// they draw random numbers) is what the round before found; the first assumes nothing but the types that outputs
// declare: a call gives values of no type, and of an `if` with such a branch the other one counts (BodyBuilder in
// build_control.cpp). All of a round is taken back unless it found what it assumed. Types appear, effects grow, so the
// rounds end; most functions need two. Branches agree in the last round, so the types are those that were assumed.
#include "compiler/frontend/recursion.h"
#include "compiler/frontend/build_function.h"
#include "compiler/frontend/control.h"
#include "dialects/graph/recursion.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::frontend {

namespace {

/// Whether every way through a function leads to a call of one that does not end.
class BaseCases {
public:
  BaseCases(Program &program, const std::vector<std::string> &cycle)
      : endless(cycle.begin(), cycle.end()), program(program) {
    size_t before;
    do {
      before = endless.size();
      for (const std::string &name : cycle)
        if (endless.count(name) && !calls(*program.findFull(name))) endless.erase(name);
    } while (endless.size() != before);
  }
  std::set<std::string> endless;

private:
  Program &program;

  bool isEndless(const FileScope &scope, llvm::StringRef name) {
    const Definition *callee = program.find(scope, name);
    return callee && endless.count(callee->name);
  }
  bool calls(const FileScope &scope, const Operand &operand) {
    return operand.expression && llvm::any_of(operand.expression->nodes, [&](const ExpressionNode &node) {
             return node.kind == ExpressionKind::Call && !node.isStatic && isEndless(scope, node.text);
           });
  }
  bool calls(const Definition &body) {
    const FileScope &scope = *body.scope;
    return llvm::any_of(body.nodes, [&](const NodeDefinition &node) { return calls(scope, node); }) ||
           llvm::any_of(body.outputs, [&](const OutputDefinition &output) { return calls(scope, output.value); }) ||
           llvm::any_of(body.updates, [&](const UpdateDefinition &update) { return calls(scope, update.value); });
  }
  /// Always. Of what may not exist, or not run, that is not known.
  bool calls(const FileScope &scope, const NodeDefinition &node) {
    if (node.when || node.repeat) return false;
    if (llvm::any_of(node.operands, [&](const Operand &operand) { return calls(scope, operand); })) return true;
    if (!node.control) return !node.broken && !node.isFormula && isEndless(scope, node.callee.string());
    const ControlDefinition &control = *node.control;
    if (control.condition && calls(scope, *control.condition)) return true;
    for (const auto *named : {&control.carries, &control.over})
      if (llvm::any_of(*named, [&](const NamedOperand &one) { return calls(scope, one.value); })) return true;
    auto inside = [&](const RegionDefinition &region) { return calls(region.content); };
    if (control.kind == ControlDefinition::If) return llvm::all_of(control.regions, inside);
    return control.kind == ControlDefinition::While && inside(control.regions[0]); // the condition
  }
};

/// The functions of one cycle in one mode.
class CycleBuilder {
public:
  CycleBuilder(const Definition &definition, bool train, Program &program) : program(program) {
    addMember(definition, train);
    for (size_t i = 0; i < members.size(); ++i)
      for (const std::string &name : definition.cycle) {
        const Definition &callee = *program.findFull(name);
        addMember(callee, callee.train.value_or(members[i].train));
      }
  }

  void run() {
    declareOutputs();
    while (true) {
      Checkpoint before(program);
      bool guessing = llvm::any_of(members, [](const Member &member) { return !member.isKnown(); });
      bool learned = round(guessing), failed = program.diagnostics.errorCount() != before.errors();
      if (!guessing && (failed || !learned)) return finish(failed);
      if (failed && !learned) return finish(failed); // the mistakes are what is in the way
      before.restore();
      if (!learned) return refuse();
    }
  }

private:
  struct Member {
    const Definition *definition;
    bool train;
    std::string key;
    llvm::SmallVector<mlir::Type> results; // null: not known yet
    BuiltFunction facts;
    std::unique_ptr<FunctionBuilder> builder;
    bool isKnown() const { return !llvm::is_contained(results, mlir::Type()); }
  };

  /// What building changes in the program.
  class Checkpoint {
  public:
    explicit Checkpoint(Program &program)
        : program(program), params(program.params), functions(program.functions),
          reported(program.diagnostics.all().size()), errorCount(program.diagnostics.errorCount()),
          last(program.module.getBody()->empty() ? nullptr : &program.module.getBody()->back()) {}
    size_t errors() const { return errorCount; }
    void restore() {
      program.params = std::move(params);
      program.functions = std::move(functions);
      program.diagnostics.takeBack(reported);
      mlir::Block *body = program.module.getBody();
      while (!body->empty() && &body->back() != last) body->back().erase();
    }

  private:
    Program &program;
    decltype(Program::params) params;
    decltype(Program::functions) functions;
    size_t reported, errorCount;
    mlir::Operation *last;
  };

  Program &program;
  std::vector<Member> members;

  void addMember(const Definition &definition, bool train) {
    std::string key = functionKey(definition, train);
    if (llvm::any_of(members, [&](const Member &member) { return member.key == key; })) return;
    Member &member = members.emplace_back();
    member.definition = &definition;
    member.train = train;
    member.key = key;
    member.results.resize(definition.outputs.size());
  }

  void declareOutputs() {
    for (Member &member : members) {
      Environment environment;
      environment.outer = &member.definition->scope->dims;
      environment.train = member.train;
      support::Diagnostics unread(program.sources); // the body reports them
      auto noSize = [](llvm::StringRef, std::optional<int64_t>, support::Span) { return std::optional<graph::Dim>(); };
      for (auto [output, result] : llvm::zip_equal(member.definition->outputs, member.results))
        if (output.type) result = evaluateType(*output.type, environment, noSize, program.context, unread);
    }
  }

  /// Builds all of them under what is assumed; true if a body has shown more.
  bool round(bool guessing) {
    program.guessing = guessing;
    for (Member &member : members) {
      program.functions[member.key] = {};
      member.builder = std::make_unique<FunctionBuilder>(*member.definition, member.train, program);
      if (!member.builder->declare(member.facts) || !member.isKnown()) continue;
      auto function = mlir::cast<mlir::func::FuncOp>(member.builder->made);
      function.setFunctionType(mlir::FunctionType::get(program.context, function.getArgumentTypes(), member.results));
      BuiltFunction &assumed = program.functions[member.key] = member.facts;
      assumed.op = function;
    }
    bool learned = false;
    for (Member &member : members) {
      if (!member.builder->made) continue;
      member.builder->fill();
      learned |= learn(member);
    }
    program.guessing = false;
    return learned;
  }

  bool learn(Member &member) {
    const BuiltFunction &found = member.builder->facts;
    bool learned = false;
    for (auto [known, type] : llvm::zip(member.results, member.builder->resultTypes))
      if (!known && type) {
        known = type;
        learned = true;
      }
    auto grow = [&](std::set<std::string> &known, const std::set<std::string> &more) {
      size_t before = known.size();
      known.insert(more.begin(), more.end());
      learned |= known.size() != before;
    };
    grow(member.facts.effects.reads, found.effects.reads);
    grow(member.facts.effects.writes, found.effects.writes);
    for (mlir::Attribute size : found.sizesRead)
      if (!llvm::is_contained(member.facts.sizesRead, size)) {
        member.facts.sizesRead.push_back(size);
        learned = true;
      }
    for (bool BuiltFunction::*takes : {&BuiltFunction::takesPath, &BuiltFunction::takesKey})
      if (found.*takes && !(member.facts.*takes)) learned = member.facts.*takes = true;
    return learned;
  }

  void finish(bool failed) {
    for (Member &member : members) {
      program.functions[member.key] = failed ? BuiltFunction() : member.builder->facts;
      if (failed && member.builder->made) member.builder->made->erase();
    }
  }

  void refuse() {
    for (Member &member : members) {
      program.functions[member.key] = {};
      for (auto [output, type] : llvm::zip_equal(member.definition->outputs, member.results))
        if (!type)
          program.diagnostics.error("G6013", output.json.span(),
                                    "the type of '" + output.name + "' is not found without a call of '" +
                                        member.definition->name + "' itself",
                                    "declare it: \"" + output.name + "\": { \"value\": ..., \"type\": ... }");
    }
  }
};
} // namespace

void checkBaseCases(Program &program) {
  std::set<std::string> endless;
  for (auto &[name, definition] : program.definitions)
    if (!definition.cycle.empty() && definition.cycle.front() == name) // once per cycle
      endless.merge(BaseCases(program, definition.cycle).endless);
  for (auto &[name, definition] : program.definitions) {
    if (!definition.valid || !endless.count(name)) continue;
    program.diagnostics.error("G6004", definition.json.keySpan(),
                              definition.cycle.size() == 1
                                  ? "every path through '" + name + "' calls '" + name + "' again"
                                  : "every path through '" + name + "' leads back to '" + name + "'",
                              "add an 'if' with a branch that calls nothing of this circle");
    definition.valid = false;
  }
}

void buildCycle(const Definition &definition, bool train, Program &program) {
  auto invalid = [&](const std::string &name) { return !program.findFull(name)->valid; };
  if (program.functions.count(functionKey(definition, train)) || llvm::any_of(definition.cycle, invalid)) return;
  CycleBuilder(definition, train, program).run();
}
} // namespace graphc::frontend
