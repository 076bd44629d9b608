// check_gradients.h. The checks of entries and of functions with rules are functions of one copy of the module. Ops are
// checked while an entry is evaluated: each, with its operands' sizes as numbers, becomes the body of a function in a
// module of its own.
#include "compiler/driver/check_gradients.h"
#include "compiler/autodiff/autodiff.h"
#include "compiler/driver/derive_entry.h"
#include "compiler/driver/draw_arguments.h"
#include "compiler/support/source_place.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/evaluate_function.h"
#include "dialects/graph/host_tensor_attr.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include <cmath>

using namespace mlir;

namespace graphc::driver {
using graph::HostTensor;
using support::nodeName;
using support::Span;

namespace {

/// Every float type and constant of the module as f64; what the graph writes is dropped.
void toDoubles(ModuleOp module) {
  auto f64 = Float64Type::get(module.getContext());
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](FloatType) -> std::optional<Type> { return f64; });
  replacer.addReplacement([&](DenseElementsAttr constant) -> std::pair<Attribute, WalkResult> {
    bool isReal = isa<FloatType>(constant.getElementType());
    FailureOr<HostTensor> tensor = graph::fromAttribute(constant);
    if (!isReal || failed(tensor)) return {constant, WalkResult::skip()};
    tensor->dtype = graph::Dtype::F64;
    return {graph::toAttribute(module.getContext(), *tensor), WalkResult::skip()};
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
  SmallVector<graph::WriteParameterOp> writes;
  module.walk([&](graph::WriteParameterOp write) { writes.push_back(write); });
  for (graph::WriteParameterOp write : writes) write.erase();
}

bool expand(ModuleOp module) {
  PassManager passes(module.getContext());
  autodiff::buildPipeline(passes);
  return succeeded(verify(module)) && succeeded(passes.run(module));
}

struct FunctionWithRules {
  func::FuncOp function;
  Attribute rules;    // put back after expand-derivatives: what they pass is on the way of derivatives
  bool meant = false; // that it differs from its rules
  std::string why;    // so
  bool isMet = false;
  std::unique_ptr<DerivativeCheck> check;
};

class GradientCheck {
public:
  GradientCheck(ModuleOp original, const GradientRequest &request, ParamValue value, const support::Sources &sources,
                support::Diagnostics &diagnostics, GradientReport &report)
      : module(original.clone()), request(request), value(value), sources(sources), diagnostics(diagnostics),
        report(report) {}

  std::string run() {
    toDoubles(*module);
    std::vector<func::FuncOp> entries;
    std::string names;
    for (auto function : module->getOps<func::FuncOp>()) {
      if (!function->hasAttr("graph.entry")) continue;
      names += (names.empty() ? "" : ", ") + function.getSymName().str();
      if (request.entry.empty() || function.getSymName() == request.entry) entries.push_back(function);
    }
    if (entries.empty())
      return request.entry.empty()
                 ? "the graph has no entries"
                 : "'" + support::printable(request.entry) + "' is no entry of the graph (" + names + ")";
    if (std::string wrong = findRules(); !wrong.empty()) return wrong;
    std::vector<std::unique_ptr<DerivativeCheck>> checks;
    for (func::FuncOp entry : entries) {
      graph::Paths params = floatParams(entry);
      if (std::string wrong = missingRule(entry, params); !wrong.empty()) return wrong;
      checks.push_back(std::make_unique<DerivativeCheck>(entry, params, /*exactLimit=*/1e-8));
    }
    for (auto parameter : module->getOps<graph::ParameterOp>()) params[parameter.getSymName().str()] = value(parameter);
    if (!expand(*module)) return "internal error: the derivatives are not well formed";
    for (FunctionWithRules &one : withRules) one.function->setAttr(graph::customDerivativeAttr, one.rules);
    for (auto [entry, check] : llvm::zip_equal(entries, checks))
      if (std::string wrong = checkEntry(entry, *check); !wrong.empty())
        return "'" + entry.getSymName().str() + "': " + wrong;
    return "";
  }

private:
  OwningOpRef<ModuleOp> module;
  const GradientRequest &request;
  ParamValue value;
  const support::Sources &sources;
  support::Diagnostics &diagnostics;
  GradientReport &report;
  std::map<std::string, HostTensor> params;
  std::vector<FunctionWithRules> withRules;
  std::map<Operation *, llvm::DenseSet<Value>> usefulValues; // by function
  std::vector<std::function<void()>> complaints;             // of the point at work
  std::string stopped;                                       // likewise: where derivatives end on purpose

  static std::string userName(func::FuncOp function) { return function.getSymName().split('#').first.str(); }

  graph::Paths floatParams(func::FuncOp function) {
    SymbolTable symbols(*module);
    graph::Activity activity(symbols);
    graph::Paths floats;
    for (auto parameter : module->getOps<graph::ParameterOp>())
      if (!parameter.getState() && isa<FloatType>(cast<RankedTensorType>(parameter.getType()).getElementType()))
        floats.push_back(parameter.getSymName().str());
    return activity.paramsRead(function, floats);
  }

  std::string missingRule(func::FuncOp function, const graph::Paths &params) {
    if (Operation *control = graph::findDerivedControl(function))
      return "'" + function.getSymName().str() + "' cannot be checked: " + whyNoWayBack(control);
    SymbolTable symbols(*module);
    graph::Activity activity(symbols, /*throughMissingRules=*/true);
    graph::Mask arguments(function.getNumArguments(), true), results(function.getNumResults(), true);
    auto reached = activity.reached(function, arguments, params, results, /*derivedAgain=*/true);
    if (reached.missingRules.empty()) return "";
    Operation *op = reached.missingRules.front();
    return "'" + function.getSymName().str() + "' cannot be derived: '" + op->getName().stripDialect().str() + "' " +
           cast<graph::Differentiable>(op).noDerivative().str();
  }

  /// Functions with rules, and whether they may differ from them: because the author says so, or because the function
  /// itself has no derivative to compare with.
  std::string findRules() {
    for (auto function : llvm::to_vector(module->getOps<func::FuncOp>())) {
      graph::CustomDerivative custom = graph::customDerivativeOf(function);
      if (!custom) continue;
      FunctionWithRules found;
      found.function = function;
      found.rules = function->removeAttr(graph::customDerivativeAttr); // as it would be without
      {
        SymbolTable symbols(*module);
        graph::Activity activity(symbols);
        graph::Mask arguments(function.getNumArguments(), true), results(function.getNumResults(), true);
        graph::Mask own = activity.reached(function, arguments, {}, results).arguments;
        if (!llvm::is_contained(own, true)) found.why = "the function itself has no derivative to compare with";
      }
      function->setAttr(graph::customDerivativeAttr, found.rules);
      if (custom.differs) found.why = "it differs from its rules on purpose (\"allow\")";
      found.meant = !found.why.empty();
      if (std::string wrong = missingRule(function, {}); !wrong.empty()) return wrong;
      found.check = std::make_unique<DerivativeCheck>(function, graph::Paths());
      withRules.push_back(std::move(found));
    }
    return "";
  }

  std::string placeOf(Location location) {
    Span span = support::sourcePlace(location, sources);
    if (!span) return "";
    support::LineColumn at = sources.lineColumn(span.file, span.begin);
    return sources.path(span.file).str() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }

  void complain(Location location, const std::string &message, const CheckedThing &thing, std::string help = "") {
    const Comparison *wrong = nullptr;
    for (const Comparison &one : thing.comparisons)
      if (!one.good() && (!wrong || one.error / one.limit > wrong->error / wrong->limit)) wrong = &one;
    std::string size;
    llvm::raw_string_ostream(size) << llvm::format("%.1e", wrong->error);
    std::string text = message + ": " + wrong->name + " differs by " + size;
    complaints.push_back([=] { diagnostics.error("G7011", support::sourcePlace(location, sources), text, help); });
  }

  std::string checkEntry(func::FuncOp entry, const DerivativeCheck &check) {
    GradientReport::Entry made;
    made.whole.name = userName(entry);
    made.whole.place = placeOf(entry.getLoc());
    if (check.isEmpty()) {
      made.whole.remark = "has no floats to derive";
      report.entries.push_back(std::move(made));
      return "";
    }
    Point point{{}, params};
    DerivativeCheck::Result result;
    for (unsigned attempt = 0; attempt < 3; ++attempt) {
      if (std::string wrong = drawArguments(entry, request, attempt, point.arguments); !wrong.empty()) return wrong;
      for (FunctionWithRules &one : withRules) one.isMet = false;
      complaints.clear();
      stopped.clear();
      made.ops.clear();
      made.rules.clear();
      made.skipped = 0;
      HostTensors results;
      auto read = [&](StringRef path) -> FailureOr<HostTensor> { return params.at(path.str()); };
      auto observe = [&](const graph::EvaluatedOp &op) { checkOp(op, made); };
      if (failed(graph::evaluateFunction(entry, point.arguments, read, results, observe)))
        return "cannot be evaluated at drawn inputs, give some with '--inputs DIR'";
      for (FunctionWithRules &one : withRules) // an entry itself
        if (one.function == entry) checkRule(one, point.arguments, made);
      bool byRules = llvm::any_of(withRules, [](const FunctionWithRules &one) { return one.isMet && one.meant; });
      bool differences = !byRules && stopped.empty();
      result = check.run(point, request.seed, differences);
      if (!result.problem.empty()) return result.problem;
      if (!differences)
        made.whole.remark = byRules ? "no finite differences: a function in it differs from its rules, see below"
                                    : "no finite differences: derivatives end at " + stopped;
      if (result.finite && llvm::none_of(result.comparisons, [](const Comparison &one) { return one.unclear; })) break;
    }
    if (!result.finite) return "has infinite derivatives at drawn inputs, give some with '--inputs DIR'";
    made.whole.comparisons = std::move(result.comparisons);
    if (!made.whole.good())
      complain(entry.getLoc(), "the derivatives of entry '" + made.whole.name + "' disagree", made.whole);
    for (auto &report : complaints) report();
    for (const CheckedThing &one : made.ops) made.good &= one.good();
    for (const CheckedThing &one : made.rules) made.good &= one.good();
    made.good &= made.whole.good();
    report.entries.push_back(std::move(made));
    return "";
  }

  void checkOp(const graph::EvaluatedOp &evaluated, GradientReport::Entry &made) {
    Operation *op = evaluated.op;
    if (auto call = dyn_cast<graph::CallOp>(op)) {
      for (FunctionWithRules &one : withRules)
        if (one.function.getSymName() == call.getCallee()) checkRule(one, evaluated.operands, made);
      return;
    }
    if (stopped.empty() && endsDerivatives(evaluated))
      stopped = "'" + op->getName().stripDialect().str() + "' of node '" + nodeName(op->getLoc()) + "'";
    if (!graph::passesDerivatives(op) || !isOnTheWay(op)) return;
    // Around what is infinite (the scores that a mask hides) there is no difference.
    for (const HostTensor &tensor : evaluated.operands)
      if (llvm::any_of(tensor.floats, [](const graph::Jet &x) { return !std::isfinite(x.v); })) {
        ++made.skipped;
        return;
      }
    OwningOpRef<ModuleOp> alone = ModuleOp::create(op->getLoc());
    func::FuncOp function = aloneIn(*alone, evaluated);
    std::optional<DerivativeCheck> check;
    if (succeeded(verify(*alone))) check.emplace(function, graph::Paths());
    if (!check || check->isEmpty() || !expand(*alone)) {
      ++made.skipped;
      return;
    }
    DerivativeCheck::Result result = check->run({HostTensors(evaluated.operands), {}}, request.seed);
    if (!result.problem.empty() || !result.finite) {
      ++made.skipped;
      return;
    }
    CheckedThing thing{nodeName(op->getLoc()), op->getName().stripDialect().str(), placeOf(op->getLoc()),
                       std::move(result.comparisons), ""};
    if (!thing.good())
      complain(op->getLoc(), "the derivative of '" + thing.kind + "' of node '" + thing.name + "' is wrong", thing);
    made.ops.push_back(std::move(thing));
  }

  /// An op that has no derivative and yet changes by little when its operands do: derivatives end there on purpose.
  static bool endsDerivatives(const graph::EvaluatedOp &evaluated) {
    auto op = dyn_cast<graph::Evaluable>(evaluated.op);
    auto hasFloats = [](ArrayRef<HostTensor> tensors) {
      return llvm::any_of(tensors, [](const HostTensor &tensor) { return !tensor.floats.empty(); });
    };
    if (!op || graph::passesDerivatives(evaluated.op) || !hasFloats(evaluated.operands) ||
        !hasFloats(evaluated.results))
      return false;
    HostTensors operands(evaluated.operands), results(evaluated.results);
    for (HostTensor &tensor : operands)
      for (graph::Jet &x : tensor.floats) x = x.v * (1 + 1e-9);
    for (HostTensor &tensor : results) tensor = HostTensor(tensor.dtype, tensor.shape);
    if (failed(op.evaluate(operands, results))) return false;
    for (auto [before, after] : llvm::zip_equal(evaluated.results, results))
      for (auto [x, y] : llvm::zip_equal(before.floats, after.floats))
        if (x.v != y.v && std::fabs(x.v - y.v) < 1e-6 * std::fabs(x.v)) return true;
    return false;
  }

  /// From a float that is derived by to a float result of the function.
  bool isOnTheWay(Operation *op) {
    auto function = op->getParentOfType<func::FuncOp>();
    graph::CustomDerivative custom = graph::customDerivativeOf(function);
    if (custom && !custom.derivesItself) return false; // the rules stand for it
    auto [it, isNew] = usefulValues.try_emplace(function);
    if (isNew) {
      SymbolTable symbols(*module);
      graph::Activity activity(symbols);
      graph::Mask arguments(function.getNumArguments(), true), results(function.getNumResults(), true);
      it->second = activity.useful(function, activity.varied(function, arguments, floatParams(function)), results);
    }
    const llvm::DenseSet<Value> &useful = it->second;
    return llvm::any_of(op->getResults(), [&](Value result) { return useful.contains(result); });
  }

  /// A function with a copy of the op alone, named dims as numbers.
  func::FuncOp aloneIn(ModuleOp alone, const graph::EvaluatedOp &evaluated) {
    Operation *op = evaluated.op;
    OpBuilder b = OpBuilder::atBlockEnd(alone.getBody());
    auto typeOf = [&](const HostTensor &tensor, Type like) -> Type {
      return RankedTensorType::get(tensor.shape, cast<RankedTensorType>(like).getElementType());
    };
    SmallVector<Type> arguments, results;
    for (auto [tensor, type] : llvm::zip_equal(evaluated.operands, op->getOperandTypes()))
      arguments.push_back(typeOf(tensor, type));
    for (auto [tensor, type] : llvm::zip_equal(evaluated.results, op->getResultTypes()))
      results.push_back(typeOf(tensor, type));
    auto function = b.create<func::FuncOp>(op->getLoc(), "op", b.getFunctionType(arguments, results));
    function.setPrivate();
    b.setInsertionPointToEnd(function.addEntryBlock());
    IRMapping mapping;
    for (auto [operand, argument] : llvm::zip_equal(op->getOperands(), function.getArguments()))
      if (!mapping.contains(operand)) mapping.map(operand, argument);
    Operation *copy = b.clone(*op, mapping);
    for (auto [i, argument] : llvm::enumerate(function.getArguments())) copy->setOperand(i, argument); // also f(x, x)
    for (auto [result, type] : llvm::zip_equal(copy->getResults(), results)) result.setType(type);
    for (NamedAttribute attribute : llvm::to_vector(copy->getAttrDictionary())) {
      auto shape = dyn_cast<graph::ShapeAttr>(attribute.getValue());
      if (!shape) continue;
      graph::Shape sizes = graph::shapeOf(shape);
      for (graph::Dim &size : sizes)
        size = size.substitute([&](graph::DimAttr name) -> std::optional<graph::Dim> {
          auto found = evaluated.dims.find(name);
          return found == evaluated.dims.end() ? std::nullopt : std::optional<graph::Dim>(found->second);
        });
      copy->setAttr(attribute.getName(), graph::shapeAttr(op->getContext(), sizes));
    }
    b.create<func::ReturnOp>(op->getLoc(), copy->getResults());
    return function;
  }

  /// Once per entry, where it is first called.
  void checkRule(FunctionWithRules &one, ArrayRef<HostTensor> operands, GradientReport::Entry &made) {
    if (one.isMet || one.check->isEmpty()) return;
    one.isMet = true;
    DerivativeCheck::Result result = one.check->run({HostTensors(operands), params}, request.seed, !one.meant);
    CheckedThing thing{userName(one.function), "custom_derivative", placeOf(one.function.getLoc()),
                       std::move(result.comparisons), result.problem};
    if (thing.remark.empty() && !result.finite) thing.remark = "its values here are not finite";
    if (one.meant) thing.remark = "not compared with the function: " + one.why;
    bool rulesAgree = llvm::all_of(thing.comparisons, [](const Comparison &c) {
      return c.good() || !StringRef(c.name).starts_with("dot product");
    });
    if (!rulesAgree)
      complain(one.function.getLoc(), "the 'jvp' and 'vjp' rules of '" + thing.name + "' disagree with each other",
               thing);
    else if (!thing.good())
      complain(one.function.getLoc(), "the rules of '" + thing.name + "' differ from its derivative", thing,
               "if that is meant, say \"allow\": [\"G8014\"] in '" + thing.name + "'");
    made.rules.push_back(std::move(thing));
  }
};

} // namespace

std::string checkGradients(ModuleOp module, const GradientRequest &request, ParamValue value,
                           const support::Sources &sources, support::Diagnostics &diagnostics, GradientReport &report) {
  return GradientCheck(module, request, value, sources, diagnostics, report).run();
}

} // namespace graphc::driver
