// A rule of the user takes what it needs by name, in any order; the function made around it takes everything in one
// order and calls it. A jvp rule alone gives the vjp, too: it is linear in its tangents, so its transpose is the vjp of
// the rule by them, at 0.
#include "compiler/frontend/custom_derivative.h"
#include "compiler/support/source_place.h"
#include "dialects/graph/activity.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/derivative_rule.h"
#include "llvm/ADT/StringSet.h"

namespace graphc::frontend {
using graph::Activity;
using support::JsonValue;
using support::Span;

namespace {

mlir::func::FuncOp builtOf(const Program &program, const Definition &definition, bool train) {
  auto it = program.functions.find(functionKey(definition, definition.train.value_or(train)));
  return it != program.functions.end() ? mlir::cast_or_null<mlir::func::FuncOp>(it->second.op) : mlir::func::FuncOp();
}

class RuleMaker {
public:
  RuleMaker(Definition &definition, bool train, mlir::func::FuncOp function, Program &program)
      : definition(definition), custom(*definition.customDerivative), train(train), function(function),
        program(program), diagnostics(program.diagnostics), builder(function), location(function.getLoc()) {
    builder.setInsertionPointAfter(function);
  }

  /// Does nothing as long as a rule is not built. After a mistake the function passes derivatives all the same, so that
  /// those who derive it report nothing.
  void run() {
    graph::CustomDerivative made;
    make(made);
    if (!definition.valid) made.jvp = made.vjp = mlir::FlatSymbolRefAttr::get(function.getSymNameAttr()); // as if
    if (made) graph::setCustomDerivative(function, made);
  }

private:
  Definition &definition;
  const CustomDerivativeDefinition &custom;
  bool train;
  mlir::func::FuncOp function;
  Program &program;
  support::Diagnostics &diagnostics;
  mlir::OpBuilder builder;
  mlir::Location location;
  llvm::SmallVector<std::string> residuals; // what 'forward' gives behind the function's outputs
  llvm::SmallVector<mlir::Type> residualTypes;

  void make(graph::CustomDerivative &made) {
    for (JsonValue name : {custom.jvp, custom.vjp, custom.forward})
      if (name && !findRule(name)) return;
    if (!checkOwner()) return;
    made.derivesItself = custom.derivesItself;
    made.differs = allows(definition.json, "G8014") || allows(definition.scope->root, "G8014");
    if (custom.forward) made.forward = makeForward();
    if (custom.vjp && definition.valid) made.vjp = makeVjp();
    if (custom.jvp && definition.valid) made.jvp = makeJvp();
    if (custom.jvp && !custom.vjp && definition.valid) made.vjp = transposeJvp(made.jvp);
  }

  struct Rule {
    const Definition *definition;
    mlir::func::FuncOp function;
    Span span; // where the function names it
  };

  void error(Span span, const llvm::Twine &message, Span noteSpan = {}, const std::string &note = "") {
    support::Diagnostic d;
    d.code = "G7010";
    d.message = message.str();
    d.span = span;
    if (noteSpan) d.notes.push_back({noteSpan, note});
    diagnostics.report(std::move(d));
    definition.valid = false;
  }
  static std::string quoted(llvm::StringRef name) { return "'" + name.str() + "'"; }

  /// The function that a rule's name stands for, if it is built.
  std::optional<Rule> findRule(JsonValue name) {
    const Definition *rule = program.find(*definition.scope, name.string());
    if (!rule || rule->isLayer) {
      if (rule || Program::findOp(name.string()))
        error(name.span(), quoted(name.string()) + " is no function, a rule must be one");
      else
        program.unknownCallee(*definition.scope, name.string(), name.span(), /*formula=*/false, diagnostics);
      definition.valid = false;
      return std::nullopt;
    }
    if (!rule->valid) definition.valid = false; // reported
    mlir::func::FuncOp built = builtOf(program, *rule, train);
    if (!rule->valid || !built) return std::nullopt;
    return Rule{rule, built, name.span()};
  }

  std::string paramReadBy(mlir::func::FuncOp by) {
    mlir::SymbolTable symbols(program.module);
    Activity activity(symbols);
    std::vector<std::string> all;
    for (auto &[path, param] : program.params) all.push_back(path);
    std::vector<std::string> read = activity.paramsRead(by, all);
    const Effects &effects = program.functions.find(by.getSymName())->second.effects;
    for (const std::set<std::string> *states : {&effects.reads, &effects.writes})
      read.insert(read.end(), states->begin(), states->end());
    return read.empty() ? "" : read.front();
  }

  bool checkOwner() {
    std::string read = paramReadBy(function);
    if (!read.empty())
      error(custom.json.keySpan(), quoted(definition.name) + " uses " + quoted(read) +
                                       ", only a function without params and state can have a custom derivative");
    for (JsonValue name : {custom.jvp, custom.vjp, custom.forward}) {
      if (!name) continue;
      Rule rule = *findRule(name);
      const BuiltFunction &built = program.functions.find(rule.function.getSymName())->second;
      if (std::string param = paramReadBy(rule.function); !param.empty())
        error(rule.span, quoted(rule.definition->name) + " uses " + quoted(param) + ", a rule takes inputs alone");
      else if (built.takesPath)
        error(rule.span, quoted(rule.definition->name) + " draws random numbers, a rule gives the same for the same");
    }
    for (const OutputDefinition &output : definition.outputs)
      for (const InputDefinition &input : definition.inputs)
        if (input.name == output.name)
          error(output.json.span(), quoted(input.name) + " is an input and an output of " + quoted(definition.name) +
                                        ", its rules could not tell them apart");
    return definition.valid;
  }

  // Names and types in the standard order.
  struct Named {
    std::string name;
    mlir::Type type;
  };
  std::vector<Named> inputs() { // without those for draws, which no rule can name
    std::vector<Named> list;
    for (auto [i, input] : llvm::enumerate(definition.inputs))
      list.push_back({input.name, function.getArgumentTypes()[i]});
    return list;
  }
  std::vector<Named> outputs() {
    std::vector<Named> list;
    for (auto [i, output] : llvm::enumerate(definition.outputs))
      list.push_back({output.name, function.getResultTypes()[i]});
    return list;
  }
  static std::vector<Named> derivatives(llvm::ArrayRef<Named> of) {
    std::vector<Named> list;
    for (const Named &one : of)
      if (mlir::isa<mlir::FloatType>(mlir::cast<mlir::RankedTensorType>(one.type).getElementType()))
        list.push_back({"d_" + one.name, one.type});
    return list;
  }

  /// An empty function of the standard signature, with what its arguments are called.
  struct Adapter {
    mlir::func::FuncOp function;
    std::vector<std::pair<std::string, mlir::Value>> arguments;
  };
  Adapter create(llvm::StringRef suffix, bool afterResults, llvm::ArrayRef<Named> further) {
    std::vector<Named> named = inputs();
    llvm::SmallVector<mlir::Type> types(function.getArgumentTypes());
    for (size_t i = named.size(); i < types.size(); ++i) named.push_back({"", types[i]});
    auto append = [&](llvm::ArrayRef<Named> list) { named.insert(named.end(), list.begin(), list.end()); };
    if (afterResults) append(outputs());
    if (afterResults && suffix == "#vjp")
      for (auto [name, type] : llvm::zip_equal(residuals, residualTypes)) named.push_back({name, type});
    append(further);
    types.clear();
    for (const Named &one : named) types.push_back(one.type);
    mlir::OpBuilder::InsertionGuard guard(builder);
    auto made = builder.create<mlir::func::FuncOp>(location, (function.getSymName() + suffix).str(),
                                                   builder.getFunctionType(types, {}));
    made.setPrivate();
    made.addEntryBlock();
    Adapter adapter{made, {}};
    for (auto [one, argument] : llvm::zip_equal(named, made.getArguments()))
      adapter.arguments.push_back({one.name, argument});
    return adapter;
  }
  mlir::FlatSymbolRefAttr finish(Adapter &adapter, mlir::ValueRange results) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&adapter.function.getBody().front());
    builder.create<mlir::func::ReturnOp>(location, results);
    adapter.function.setFunctionType(builder.getFunctionType(adapter.function.getArgumentTypes(), results.getTypes()));
    return mlir::FlatSymbolRefAttr::get(adapter.function.getSymNameAttr());
  }

  static std::string listText(llvm::ArrayRef<Named> list) {
    std::string text;
    for (const Named &one : list) text += (text.empty() ? "'" : ", '") + one.name + "'";
    return text.empty() ? "nothing" : text;
  }

  /// Calls the rule with what its inputs name; null after reporting. `takes`: what a rule of this kind may take.
  graph::CallOp callRule(Rule rule, Adapter &adapter, llvm::StringRef kind, llvm::StringRef takes) {
    llvm::SmallVector<mlir::Value> operands;
    llvm::SmallVector<llvm::StringRef> names;
    for (auto &[name, value] : adapter.arguments)
      if (!name.empty()) names.push_back(name);
    mlir::TypeRange wanted = rule.function.getArgumentTypes();
    for (auto [i, input] : llvm::enumerate(rule.definition->inputs)) {
      auto given = llvm::find_if(adapter.arguments, [&, &input = input](auto &one) { return one.first == input.name; });
      std::string note = quoted(input.name) + " of " + quoted(rule.definition->name) + " is declared here";
      if (given == adapter.arguments.end()) {
        error(rule.span,
              quoted(rule.definition->name) + " takes " + quoted(input.name) + ", but a '" + kind + "' rule of " +
                  quoted(definition.name) + " takes " + takes + support::didYouMean(input.name, names),
              input.json.span(), note);
        continue;
      }
      mlir::Type type = given->second.getType();
      operands.push_back(given->second);
      auto is = mlir::cast<mlir::RankedTensorType>(type), want = mlir::cast<mlir::RankedTensorType>(wanted[i]);
      bool fits = operands.size() == i + 1 && is.getElementType() == want.getElementType() &&
                  is.getRank() == want.getRank() &&
                  !graph::bindDims(wanted.take_front(i + 1), mlir::ValueRange(operands).getTypes()).conflict;
      if (fits || operands.size() != i + 1) continue;
      error(rule.span,
            quoted(rule.definition->name) + " takes " + quoted(input.name) + " as " + typeText(wanted[i]) +
                ", here it is " + typeText(type),
            input.json.span(), note);
    }
    if (!definition.valid) return nullptr;
    graph::BoundDims dims = graph::bindDims(wanted, mlir::ValueRange(operands).getTypes());
    llvm::SmallVector<mlir::Type> results;
    for (mlir::Type type : rule.function.getResultTypes()) results.push_back(graph::substituteDims(type, dims));
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&adapter.function.getBody().front());
    return builder.create<graph::CallOp>(program.location(rule.span), results,
                                         mlir::FlatSymbolRefAttr::get(rule.function.getSymNameAttr()), operands);
  }

  /// The results that the rule must give, in this order; `more`: it may give others.
  llvm::SmallVector<mlir::Value> resultsOf(Rule rule, graph::CallOp call, llvm::ArrayRef<Named> wanted,
                                           llvm::StringRef kind, bool more) {
    llvm::SmallVector<mlir::Value> results;
    const std::vector<OutputDefinition> &given = rule.definition->outputs;
    for (const Named &one : wanted) {
      auto it = llvm::find_if(given, [&](const OutputDefinition &output) { return output.name == one.name; });
      if (it == given.end()) {
        error(rule.span, quoted(rule.definition->name) + " does not give " + quoted(one.name) + ", a '" + kind +
                             "' rule of " + quoted(definition.name) + " gives " + listText(wanted));
        continue;
      }
      mlir::Value value = call.getResult(it - given.begin());
      if (value.getType() != one.type)
        error(rule.span,
              quoted(rule.definition->name) + " gives " + quoted(one.name) + " as " + typeText(value.getType()) +
                  ", it must be " + typeText(one.type),
              it->json.span(), quoted(one.name) + " is given here");
      results.push_back(value);
    }
    for (const OutputDefinition &output : given) {
      if (more || !definition.valid || llvm::any_of(wanted, [&](const Named &one) { return one.name == output.name; }))
        continue;
      error(rule.span,
            quoted(rule.definition->name) + " gives " + quoted(output.name) + ", but a '" + kind + "' rule of " +
                quoted(definition.name) + " gives " + listText(wanted),
            output.json.span(), quoted(output.name) + " is given here");
    }
    return results;
  }

  mlir::FlatSymbolRefAttr makeForward() {
    Rule rule = *findRule(custom.forward);
    Adapter adapter = create("#forward", /*afterResults=*/false, {});
    graph::CallOp call = callRule(rule, adapter, "forward", "inputs of it alone");
    if (!call) return {};
    std::vector<Named> own = outputs();
    llvm::SmallVector<mlir::Value> results = resultsOf(rule, call, own, "forward", /*more=*/true);
    if (!definition.valid) return {};
    for (auto [output, value] : llvm::zip_equal(rule.definition->outputs, call.getResults())) {
      auto isCalled = [&, &output = output](auto &one) { return one.name == output.name; };
      if (llvm::any_of(own, isCalled)) continue;
      residuals.push_back(output.name);
      residualTypes.push_back(value.getType());
      results.push_back(value);
      if (llvm::any_of(definition.inputs, isCalled))
        error(rule.span, quoted(output.name) + " is an input of " + quoted(definition.name) +
                             ", what 'forward' gives to 'vjp' needs another name");
    }
    return finish(adapter, results);
  }

  mlir::FlatSymbolRefAttr makeVjp() {
    Rule rule = *findRule(custom.vjp);
    Adapter adapter = create("#vjp", /*afterResults=*/true, derivatives(outputs()));
    graph::CallOp call = callRule(rule, adapter, "vjp",
                                  custom.forward ? "its inputs, its outputs, what 'forward' gives, and d_<output>"
                                                 : "its inputs, its outputs, and d_<output>");
    if (!call) return {};
    auto results = resultsOf(rule, call, derivatives(inputs()), "vjp", /*more=*/false);
    return definition.valid ? finish(adapter, results) : mlir::FlatSymbolRefAttr();
  }

  mlir::FlatSymbolRefAttr makeJvp() {
    Rule rule = *findRule(custom.jvp);
    Adapter adapter = create("#jvp", /*afterResults=*/true, derivatives(inputs()));
    graph::CallOp call = callRule(rule, adapter, "jvp", "its inputs, its outputs, and d_<input>");
    if (!call) return {};
    auto results = resultsOf(rule, call, derivatives(outputs()), "jvp", /*more=*/false);
    return definition.valid ? finish(adapter, results) : mlir::FlatSymbolRefAttr();
  }

  mlir::FlatSymbolRefAttr transposeJvp(mlir::FlatSymbolRefAttr jvp) {
    auto rule = program.module.lookupSymbol<mlir::func::FuncOp>(jvp.getValue());
    std::vector<Named> tangents = derivatives(inputs()), cotangents = derivatives(outputs());
    size_t first = rule.getNumArguments() - tangents.size();
    graph::Mask places(rule.getNumArguments(), false);
    for (size_t i = first; i < places.size(); ++i) places[i] = true;
    graph::CustomDerivative known;
    known.jvp = jvp;
    graph::setCustomDerivative(function, known); // if the rule calls it, it passes derivatives
    mlir::SymbolTable symbols(program.module);
    Activity activity(symbols, /*throughMissingRules=*/true);
    Activity::Reached reached = activity.reached(rule, places, {}, graph::Mask(rule.getNumResults(), true));
    if (!reached.missingRules.empty()) {
      mlir::Operation *op = reached.missingRules.front();
      error(custom.jvp.span(),
            "this rule cannot be transposed, and there is no 'vjp': '" + op->getName().stripDialect() + "' " +
                mlir::cast<graph::Differentiable>(op).noDerivative(),
            support::sourcePlace(op->getLoc(), program.sources), "here");
      return {};
    }
    if (reached.callees.count(function)) {
      error(custom.jvp.span(),
            "this rule passes a derivative to " + quoted(definition.name) + ", whose rule it is: it would never end");
      return {};
    }
    Adapter adapter = create("#vjp", /*afterResults=*/true, cotangents);
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&adapter.function.getBody().front());
    graph::RuleBuilder rules(location, builder);
    llvm::SmallVector<mlir::Value> operands;
    llvm::SmallVector<mlir::Type> types(rule.getResultTypes());
    for (mlir::Value argument : adapter.function.getArguments().take_front(first)) operands.push_back(argument);
    for (const Named &tangent : tangents) {
      operands.push_back(rules.filled(mlir::cast<mlir::RankedTensorType>(tangent.type), 0));
      types.push_back(tangent.type);
    }
    for (mlir::Value cotangent : adapter.function.getArguments().drop_front(first)) operands.push_back(cotangent);
    auto wrt = llvm::to_vector(llvm::seq<int64_t>(first, rule.getNumArguments()));
    auto all = llvm::to_vector(llvm::seq<int64_t>(0, rule.getNumResults()));
    auto op = builder.create<graph::DerivativeOp>(program.location(custom.jvp.span()), types, "vjp", rule.getSymName(),
                                                  operands, wrt, all, builder.getArrayAttr({}));
    return finish(adapter, op.getResults().drop_front(rule.getNumResults()));
  }
};
} // namespace

void attachCustomDerivatives(Program &program) {
  for (Definition *definition : program.withRules)
    for (bool train : {false, true}) {
      if (train && definition->train) continue; // one build serves both
      mlir::func::FuncOp function = builtOf(program, *definition, train);
      if (!definition->valid || !function || function->hasAttr(graph::customDerivativeAttr)) continue;
      RuleMaker(*definition, train, function, program).run();
    }
}

} // namespace graphc::frontend
