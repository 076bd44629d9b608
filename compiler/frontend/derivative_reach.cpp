// What a derivative can give is asked of the graph before it is made: which inputs and params reach the outputs by ops
// that have derivatives, and where the way ends for the others.
#include "compiler/frontend/derive_function.h"
#include "compiler/support/source_place.h"
#include "dialects/graph/activity.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/recursion.h"

namespace graphc::frontend {
using graph::Activity;
using graph::Mask;
using graph::Paths;

namespace {

class Reach {
public:
  Reach(const Definition &definition, mlir::func::FuncOp function, DeriveTargets &targets, Program &program)
      : derive(*definition.derive), function(function), targets(targets), program(program), symbols(program.module),
        activity(symbols, /*throughMissingRules=*/true) {}

  bool check() {
    mlir::Operation *control = derive.kind.string() == "jvp" ? nullptr : graph::findDerivedControl(function);
    if (control) return refuseLoop(mlir::cast<graph::WhileOp>(control));
    if (derive.kind.string() != "jvp" && !checkRecursion()) return false;
    Mask arguments(function.getNumArguments(), false), outputs(function.getNumResults(), false);
    for (int64_t input : targets.inputs) arguments[input] = true;
    for (int64_t output : targets.outputs) outputs[output] = true;
    Activity::Reached reached = activity.reached(function, arguments, targets.params, outputs);
    if (!reached.missingRules.empty()) return refuseMissingRule(reached.missingRules.front(), arguments);
    llvm::StringRef kind = derive.kind.string();
    if (kind == "hvp") // the gradient's jvp
      reached.withoutForward =
          activity.reached(function, arguments, targets.params, outputs, /*derivedAgain=*/true).withoutForward;
    if ((kind == "jvp" || kind == "hvp") && !reached.withoutForward.empty())
      return refuseForward(reached.withoutForward.front());
    std::vector<Cut> cuts;
    size_t place = 0;
    for (int64_t input : targets.inputs) {
      if (!reached.arguments[input]) {
        Mask alone(function.getNumArguments(), false);
        alone[input] = true;
        cuts.push_back(cutOf(inputName(input), targets.spans[place], alone, {}));
      }
      ++place;
    }
    for (const std::string &path : targets.params) {
      if (!reached.params.count(path))
        cuts.push_back(cutOf(path, targets.spans[place], Mask(function.getNumArguments(), false), {path}));
      ++place;
    }
    bool nothing = cuts.size() == targets.spans.size();
    for (const Cut &cut : cuts) {
      support::Diagnostic d;
      d.severity = nothing ? support::Severity::Error : support::Severity::Warning;
      d.code = nothing ? "G7003" : "G7002";
      d.span = cut.span;
      d.message = cut.at ? "no derivative by '" + cut.name + "' reaches " + outputText() + ": it would be 0"
                         : outputText() + " does not depend on '" + cut.name + "': its derivative is 0";
      if (cut.at) d.notes.push_back({placeOf(cut.at), reasonText(cut.at) + ", on the way " + cut.way});
      program.diagnostics.report(std::move(d));
    }
    if (derive.trainStep)
      llvm::erase_if(targets.params, [&](const std::string &path) { return !reached.params.count(path); });
    return !nothing;
  }

private:
  struct Cut { // an input or param whose derivative is 0
    std::string name;
    support::Span span;
    mlir::Operation *at; // the op that ends the way, or null
    std::string way;     // through it
  };

  const DeriveDefinition &derive;
  mlir::func::FuncOp function;
  DeriveTargets &targets;
  Program &program;
  mlir::SymbolTable symbols;
  Activity activity;

  /// Going back, recursion may run calls again (reverse_recursion.cpp of autodiff), and an update must happen once.
  bool checkRecursion() {
    for (mlir::Operation *below : graph::functionsBelow(function, symbols)) {
      auto one = mlir::cast<mlir::func::FuncOp>(below);
      auto built = program.functions.find(one.getSymName());
      if (!graph::isRecursive(one) || built == program.functions.end() || built->second.effects.writes.empty())
        continue;
      std::string name = one->getAttrOfType<mlir::StringAttr>(graph::recursionAttr).getValue().str();
      program.diagnostics.error("G0014", derive.kind.span(),
                                "'" + name +
                                    "' calls itself and updates state: its derivative in reverse mode is not "
                                    "supported by this version of graphc");
      return false;
    }
    return true;
  }

  std::string inputName(int64_t i) {
    return mlir::cast<mlir::StringAttr>(function.getArgAttr(i, "graph.name")).getValue().str();
  }
  std::string outputText() {
    std::string text;
    for (int64_t output : targets.outputs)
      text += (text.empty() ? "'" : ", '") +
              mlir::cast<mlir::StringAttr>(function.getResultAttr(output, "graph.name")).getValue().str() + "'";
    return text;
  }
  support::Span placeOf(mlir::Operation *op) { return support::sourcePlace(op->getLoc(), program.sources); }
  static std::string reasonText(mlir::Operation *op) {
    return "'" + op->getName().stripDialect().str() + "' " + mlir::cast<graph::Differentiable>(op).noDerivative().str();
  }

  Cut cutOf(const std::string &name, support::Span span, const Mask &arguments, const Paths &params) {
    mlir::Operation *end = endOf(function, arguments, params);
    return {name, span, end, end ? wayThrough(end, arguments, params) : ""};
  }

  /// The last op that the way from these arguments and params leads to and not through.
  mlir::Operation *endOf(mlir::func::FuncOp where, const Mask &arguments, const Paths &params) {
    llvm::DenseSet<mlir::Value> varied = activity.varied(where, arguments, params);
    mlir::Operation *last = nullptr;
    for (mlir::Operation &op : where.getBody().front().without_terminator()) {
      Mask operands;
      for (mlir::Value operand : op.getOperands()) operands.push_back(varied.contains(operand));
      bool any = llvm::is_contained(operands, true);
      auto differentiable = mlir::dyn_cast<graph::Differentiable>(op);
      if (differentiable && any && !differentiable.noDerivative().empty()) last = &op;
      mlir::func::FuncOp callee = activity.calleeOf(&op);
      if (!callee || graph::customDerivativeOf(callee) || (!any && activity.paramsRead(callee, params).empty()))
        continue;
      operands.resize(callee.getNumArguments());
      if (mlir::Operation *inside = endOf(callee, operands, params)) last = inside;
    }
    return last;
  }

  bool refuseMissingRule(mlir::Operation *op, const Mask &arguments) {
    support::Diagnostic d;
    d.code = "G7003";
    d.span = derive.kind.span();
    d.message = outputText() + " cannot be derived: " + reasonText(op);
    d.notes.push_back({placeOf(op), "on the way " + wayThrough(op, arguments, targets.params)});
    program.diagnostics.report(std::move(d));
    return false;
  }

  /// Whose turns cannot run again on the way back, or whose way back cannot be gone back.
  bool refuseLoop(graph::WhileOp loop) {
    bool state = !graph::mayRunAgain(symbols.lookup<mlir::func::FuncOp>(loop.getBody()));
    support::Diagnostic d;
    d.code = "G7006";
    d.span = derive.kind.span();
    d.message =
        state ? "the way back through 'while' runs its turns again, and these read or write state"
              : "'" + derive.kind.string().str() + "' goes back through a gradient that goes back through 'while'";
    d.notes.push_back({placeOf(loop), "this loop keeps checkpoints of its turns and no turn itself"});
    d.help = loop.getLimit() ? "give its 'grad' another 'mode'"
             : state         ? "give the loop 'max_iterations'"
                             : "give the loop 'max_iterations', or derive the gradient in forward mode ('jvp', 'hvp')";
    program.diagnostics.report(std::move(d));
    return false;
  }

  /// A function whose author gave a vjp rule alone: its body may have another derivative.
  bool refuseForward(mlir::func::FuncOp inside) {
    std::string name = llvm::StringRef(inside.getSymName()).split('#').first.str();
    const Definition &owner = *program.findFull(name);
    support::Diagnostic d;
    d.code = "G7003";
    d.span = derive.kind.span();
    d.message = "'" + derive.kind.string().str() + "' needs forward mode, but '" + name + "' has a 'vjp' rule alone";
    d.notes.push_back({owner.customDerivative->json.keySpan(), "its rules are given here"});
    d.help = "give it a 'jvp' rule, too, or \"jvp\": true to derive '" + name + "' itself in forward mode";
    program.diagnostics.report(std::move(d));
    return false;
  }

  /// "x -> gather -> scatter_elements -> sum -> loss", through ops of the function that holds `op`.
  std::string wayThrough(mlir::Operation *op, const Mask &arguments, const Paths &params) {
    auto where = op->getParentOfType<mlir::func::FuncOp>();
    Mask all(where.getNumArguments(), true);
    llvm::DenseSet<mlir::Value> varied = activity.varied(where, where == function ? arguments : all, params);
    constexpr size_t shown = 8;
    std::vector<std::string> names{op->getName().stripDialect().str()};
    mlir::Operation *at = op;
    while (at && names.size() < shown) { // back to where it begins
      auto it = llvm::find_if(at->getOperands(), [&](mlir::Value operand) { return varied.contains(operand); });
      if (it == at->getOperands().end()) break;
      at = (*it).getDefiningOp();
      if (auto argument = mlir::dyn_cast<mlir::BlockArgument>(*it)) {
        auto name = where.getArgAttrOfType<mlir::StringAttr>(argument.getArgNumber(), "graph.name");
        names.insert(names.begin(), name ? name.getValue().str() : "");
      } else {
        auto read = mlir::dyn_cast<graph::ReadParameterOp>(at);
        names.insert(names.begin(), read ? read.getParameter().str() : at->getName().stripDialect().str());
        if (read) break;
      }
    }
    for (at = op; names.size() < 2 * shown && !at->use_empty();) { // on to the results
      at = *at->user_begin();
      if (at->hasTrait<mlir::OpTrait::IsTerminator>()) break;
      names.push_back(at->getName().stripDialect().str());
    }
    std::string text;
    for (const std::string &name : names) text += (text.empty() ? "" : " -> ") + name;
    return text + " -> " + outputText();
  }
};
} // namespace

bool checkReach(const Definition &definition, mlir::func::FuncOp function, DeriveTargets &targets, Program &program) {
  return Reach(definition, function, targets, program).check();
}

} // namespace graphc::frontend
