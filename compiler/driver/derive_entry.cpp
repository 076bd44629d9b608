// derive_entry.h. The entry stays as a private function; graph.derivative of it is the body of the new one.
#include "compiler/driver/derive_entry.h"
#include "compiler/support/diagnostics.h"
#include "dialects/graph/activity.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/requirement.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace graphc::driver {
namespace {

std::string nameOf(DictionaryAttr attributes) {
  auto name = attributes ? attributes.getAs<StringAttr>("graph.name") : StringAttr();
  return name ? name.getValue().str() : "";
}

class EntryDerivative {
public:
  EntryDerivative(ModuleOp module, const DerivativeRequest &request) : module(module), request(request) {}

  std::string run() {
    if (std::string wrong = findEntry(); !wrong.empty()) return wrong;
    if (std::string wrong = findTargets(); !wrong.empty()) return wrong;
    if (std::string wrong = checkRules(); !wrong.empty()) return wrong;
    build();
    return "";
  }

private:
  ModuleOp module;
  const DerivativeRequest &request;
  func::FuncOp entry;
  SmallVector<int64_t> inputs, outputs;
  bool isForward() const { return request.kind == "jvp"; }
  std::string inputName(unsigned i) { return nameOf(entry.getArgAttrDict(i)); }
  std::string outputName(unsigned i) { return nameOf(entry.getResultAttrDict(i)); }
  static std::string quoted(llvm::StringRef name) { return "'" + support::printable(name) + "'"; }

  std::string findEntry() {
    std::string names;
    unsigned count = 0;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!function->hasAttr("graph.entry")) continue;
      names += (names.empty() ? "" : ", ") + function.getSymName().str();
      ++count;
      if (request.entry.empty() || function.getSymName() == request.entry) entry = function;
    }
    if (request.entry.empty() && count > 1)
      return "the graph has several entries: choose one with '--entry' (" + names + ")";
    return entry ? "" : quoted(request.entry) + " is no entry of the graph (" + names + ")";
  }

  std::string findTargets() {
    std::vector<std::string> names;
    for (unsigned i = 0; i < entry.getNumArguments(); ++i) names.push_back(inputName(i));
    for (const std::string &name : request.wrt) {
      auto found = llvm::find(names, name);
      if (found == names.end())
        return "the entry has no input " + quoted(name) +
               support::didYouMean(name, llvm::SmallVector<llvm::StringRef>(names.begin(), names.end()));
      int64_t place = found - names.begin();
      if (!graph::isReal(entry.getArgument(place))) return "input " + quoted(name) + " is not of floats";
      if (!llvm::is_contained(inputs, place)) inputs.push_back(place);
    }
    for (unsigned i = 0; i < entry.getNumArguments(); ++i)
      if (request.wrt.empty() && graph::isReal(entry.getArgument(i)) && (!isForward() || request.hasSeed(names[i])))
        inputs.push_back(i);
    Operation *terminator = entry.getBody().front().getTerminator();
    for (unsigned i = 0; i < entry.getNumResults(); ++i)
      if (graph::isReal(terminator->getOperand(i)) && (isForward() || request.hasSeed(outputName(i))))
        outputs.push_back(i);
    if (inputs.empty())
      return isForward() ? "there is no tangent for any input of floats" : "the entry has no input of floats";
    if (outputs.empty())
      return isForward() ? "the entry has no output of floats" : "there is no cotangent for any output of floats";
    return "";
  }

  std::string checkRules() {
    if (Operation *control = isForward() ? nullptr : graph::findDerivedControl(entry))
      return "the entry cannot be derived in reverse: " + whyNoWayBack(control) + "; 'graphc jvp' derives it forward";
    SymbolTable symbols(module);
    graph::Activity activity(symbols, /*throughMissingRules=*/true);
    graph::Mask arguments(entry.getNumArguments(), false), results(entry.getNumResults(), false);
    for (int64_t i : inputs) arguments[i] = true;
    for (int64_t i : outputs) results[i] = true;
    graph::Activity::Reached reached = activity.reached(entry, arguments, {}, results);
    if (isForward() && !reached.withoutForward.empty())
      return "the entry cannot be derived forward: " +
             quoted(reached.withoutForward.front().getSymName().split('#').first) +
             " has a 'vjp' rule alone; give it a 'jvp' rule, too, or \"jvp\": true";
    if (reached.missingRules.empty()) return "";
    Operation *op = reached.missingRules.front();
    return "the entry cannot be derived: '" + op->getName().stripDialect().str() + "' " +
           cast<graph::Differentiable>(op).noDerivative().str();
  }

  void build() {
    OpBuilder b(entry);
    std::string name = entry.getSymName().str();
    Attribute position;
    for (auto function : module.getOps<func::FuncOp>())
      if (Attribute old = function->removeAttr("graph.entry")) {
        if (function == entry) position = old;
        function.setPrivate();
      }
    (void)SymbolTable::replaceAllSymbolUses(entry, b.getStringAttr(name + "#derived"), module);
    entry.setSymName(name + "#derived");
    auto made = b.create<func::FuncOp>(entry.getLoc(), name, b.getFunctionType({}, {}));
    made->setAttr("graph.entry", position);
    graph::setRequirements(made, graph::requirementsOf(entry));
    Block &body = made.getBody().emplaceBlock();
    SmallVector<Attribute> argumentAttributes, resultAttributes;
    auto named = [&](llvm::StringRef prefix, const std::string &of) {
      return b.getDictionaryAttr(b.getNamedAttr("graph.name", b.getStringAttr(prefix + of)));
    };
    for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes())) {
      body.addArgument(type, entry.getLoc());
      argumentAttributes.push_back(entry.getArgAttrDict(i));
    }
    SmallVector<Type> results(entry.getResultTypes());
    auto seeds = isForward() ? inputs : outputs, derivatives = isForward() ? outputs : inputs;
    for (int64_t i : seeds) {
      body.addArgument(isForward() ? entry.getArgumentTypes()[i] : entry.getResultTypes()[i], entry.getLoc());
      argumentAttributes.push_back(named(seedPrefix, isForward() ? inputName(i) : outputName(i)));
    }
    for (int64_t i : derivatives) {
      results.push_back(isForward() ? entry.getResultTypes()[i] : entry.getArgumentTypes()[i]);
      resultAttributes.push_back(named(derivativePrefix, isForward() ? outputName(i) : inputName(i)));
    }
    b.setInsertionPointToEnd(&body);
    auto op = b.create<graph::DerivativeOp>(entry.getLoc(), results, request.kind, entry.getSymName(),
                                            body.getArguments(), inputs, outputs, b.getArrayAttr({}));
    auto returned = op.getResults().drop_front(entry.getNumResults());
    b.create<func::ReturnOp>(entry.getLoc(), returned);
    made.setFunctionType(b.getFunctionType(body.getArgumentTypes(), returned.getTypes()));
    made.setArgAttrsAttr(b.getArrayAttr(argumentAttributes));
    made.setResAttrsAttr(b.getArrayAttr(resultAttributes));
  }
};
} // namespace

std::string whyNoWayBack(Operation *loop) {
  auto body = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(loop, cast<graph::WhileOp>(loop).getBodyAttr());
  return graph::mayRunAgain(body) ? "the way back through 'while' has no way back of its own"
                                  : "the way back through 'while' runs its turns again, and these read or write state";
}

std::string deriveEntry(ModuleOp module, const DerivativeRequest &request) {
  return EntryDerivative(module, request).run();
}

} // namespace graphc::driver
