// activity.h. One walk forward over a function for what varies, one backward for what is useful.
#include "dialects/graph/activity.h"
#include "dialects/graph/control_flow.h"
#include "dialects/graph/element_type.h"
#include "dialects/graph/recursion.h"

using namespace mlir;

namespace graphc::graph {

bool isReal(Value value) {
  std::optional<Dtype> dtype = dtypeOf(cast<RankedTensorType>(value.getType()).getElementType());
  return dtype && isFloat(*dtype);
}

bool passesDerivatives(Operation *op) {
  auto differentiable = dyn_cast<Differentiable>(op);
  return differentiable && differentiable.noDerivative().empty();
}

bool lacksRule(Operation *op) {
  auto differentiable = dyn_cast<Differentiable>(op);
  return differentiable && differentiable.noDerivative().starts_with(noRulePrefix);
}

func::FuncOp Activity::calleeOf(Operation *op) {
  if (auto call = dyn_cast<CallOp>(op)) return symbols.lookup<func::FuncOp>(call.getCallee());
  if (auto derivative = dyn_cast<DerivativeOp>(op)) return symbols.lookup<func::FuncOp>(derivative.getCallee());
  return {};
}

std::string activityKey(func::FuncOp function, const Mask &arguments, const Paths &params, const Mask &results) {
  std::string text = function.getSymName().str() + "|";
  for (bool active : arguments) text += active ? '1' : '0';
  text += '|';
  for (bool active : results) text += active ? '1' : '0';
  for (const std::string &path : params) text += "|" + path;
  return text;
}

const std::set<std::string> &Activity::allParamsRead(func::FuncOp function) {
  auto callees = [&](func::FuncOp caller) {
    SmallVector<func::FuncOp> found;
    for (Operation &op : caller.getBody().front())
      if (auto calling = dyn_cast<Calling>(op))
        for (const CalledFunction &call : calling.calls())
          found.push_back(symbols.lookup<func::FuncOp>(call.callee.getValue()));
    return found;
  };
  DenseSet<Operation *> open; // of this question: not settled before all of them are
  auto isKnown = [&](func::FuncOp one) { return reads.count(one) && !open.contains(one); };
  untilNothingChanges(function, isKnown, callees, [&](func::FuncOp one) {
    std::set<std::string> &all = reads[one];
    size_t before = all.size();
    open.insert(one);
    for (auto read : one.getBody().front().getOps<ReadParameterOp>())
      if (!read.getState()) all.insert(read.getParameter().str());
    for (func::FuncOp callee : callees(one)) all.insert(reads[callee].begin(), reads[callee].end());
    return all.size() != before;
  });
  return reads[function];
}

Paths Activity::paramsRead(func::FuncOp function, const Paths &among) {
  const std::set<std::string> &all = allParamsRead(function);
  Paths paths;
  for (const std::string &path : among)
    if (all.count(path)) paths.push_back(path);
  return paths;
}

llvm::DenseSet<Value> Activity::varied(func::FuncOp function, const Mask &arguments, const Paths &params) {
  llvm::DenseSet<Value> varied;
  Block &body = function.getBody().front();
  for (auto [argument, active] : llvm::zip(body.getArguments(), arguments))
    if (active && isReal(argument)) varied.insert(argument);
  for (Operation &op : body.without_terminator()) {
    if (auto read = dyn_cast<ReadParameterOp>(op)) {
      if (!read.getState() && isReal(read.getValue()) && llvm::is_contained(params, read.getParameter()))
        varied.insert(read.getValue());
    } else if (auto call = dyn_cast<CallOp>(op)) {
      Mask operands;
      for (Value operand : call.getOperands()) operands.push_back(varied.contains(operand));
      Mask results = variedResults(calleeOf(call), operands, params);
      for (auto [result, active] : llvm::zip(call.getResults(), results))
        if (active) varied.insert(result);
    } else if (isControl(&op)) {
      Mask operands;
      for (Value operand : op.getOperands()) operands.push_back(varied.contains(operand));
      Mask results = controlActivity(*this, &op, operands, params).results;
      for (auto [result, active] : llvm::zip(op.getResults(), results))
        if (active && isReal(result)) varied.insert(result);
    } else if (auto derivative = dyn_cast<DerivativeOp>(op); derivative || passes(&op)) {
      bool reads = derivative && !paramsRead(calleeOf(&op), params).empty();
      if (reads || llvm::any_of(op.getOperands(), [&](Value operand) { return varied.contains(operand); }))
        for (Value result : op.getResults())
          if (isReal(result)) varied.insert(result);
    }
  }
  return varied;
}

/// A function that calls itself is assumed to give nothing varied, then what was found under that, until that is what
/// is found (masks only grow); what was found of others under a wrong assumption is forgotten.
Mask Activity::variedResults(func::FuncOp function, const Mask &arguments, const Paths &params) {
  Paths read = paramsRead(function, params);
  if (read.empty() && !llvm::is_contained(arguments, true)) return Mask(function.getNumResults(), false);
  std::string name = activityKey(function, arguments, read);
  if (auto it = known.find(name); it != known.end()) {
    if (open.count(name)) assumed.insert(name);
    return it->second;
  }
  Operation *terminator = function.getBody().front().getTerminator();
  if (customDerivativeOf(function)) {
    Mask results;
    bool any = false;
    for (auto [argument, active] : llvm::zip(function.getArguments(), arguments)) any |= active && isReal(argument);
    for (Value returned : terminator->getOperands()) results.push_back(any && isReal(returned));
    return known[name] = results;
  }
  known[name] = Mask(function.getNumResults(), false);
  open.insert(name);
  size_t before = underAssumptions.size();
  while (true) {
    Mask results;
    llvm::DenseSet<Value> active = varied(function, arguments, read);
    for (Value returned : terminator->getOperands()) results.push_back(active.contains(returned));
    bool holds = results == known[name] || !assumed.erase(name);
    known[name] = results;
    if (holds) break;
    for (; underAssumptions.size() > before; underAssumptions.pop_back()) known.erase(underAssumptions.back());
  }
  assumed.erase(name);
  open.erase(name);
  if (open.empty())
    underAssumptions.clear();
  else
    underAssumptions.push_back(name);
  return known[name];
}

llvm::DenseSet<Value> Activity::useful(func::FuncOp function, const llvm::DenseSet<Value> &varied,
                                       const Mask &results) {
  llvm::DenseSet<Value> useful;
  Block &body = function.getBody().front();
  for (auto [returned, active] : llvm::zip(body.getTerminator()->getOperands(), results))
    if (active && varied.contains(returned)) useful.insert(returned);
  for (Operation &op : llvm::reverse(body.without_terminator()))
    if (llvm::any_of(op.getResults(), [&](Value result) { return useful.contains(result); }))
      for (Value operand : op.getOperands())
        if (varied.contains(operand)) useful.insert(operand);
  return useful;
}

/// Of a function with rules: what they take and give, whatever the body does. Masks of what lies behind them are full.
Activity::Reached Activity::reachedByRules(func::FuncOp function, const CustomDerivative &custom, const Mask &arguments,
                                           const Mask &results, bool derivedAgain) {
  Reached reached;
  bool any = llvm::is_contained(variedResults(function, arguments, {}), true) && llvm::is_contained(results, true);
  for (auto [argument, active] : llvm::zip(function.getArguments(), arguments))
    reached.arguments.push_back(any && active && isReal(argument));
  if (!any) return reached;
  // The reverse pass runs `forward`, so what derives that pass forward meets it and not the function.
  if (!custom.hasForward() && !(derivedAgain && custom.forward)) reached.withoutForward.push_back(function);
  if (!derivedAgain) return reached;
  // A rule may call its function: the second time there is nothing new.
  std::string name = activityKey(function, arguments, {}, results) + "'rules";
  if (!reachedKnown.try_emplace(name, Reached()).second) return reached;
  for (StringRef name : custom.rules()) {
    auto rule = symbols.lookup<func::FuncOp>(name);
    Reached inside = this->reached(rule, Mask(rule.getNumArguments(), true), {}, Mask(rule.getNumResults(), true));
    llvm::append_range(reached.missingRules, inside.missingRules);
    llvm::append_range(reached.withoutForward, inside.withoutForward);
  }
  return reached;
}

void Activity::Reached::add(const Reached &inside) {
  params.insert(inside.params.begin(), inside.params.end());
  callees.insert(inside.callees.begin(), inside.callees.end());
  llvm::append_range(missingRules, inside.missingRules);
  llvm::append_range(withoutForward, inside.withoutForward);
}

Activity::Reached Activity::reached(func::FuncOp function, const Mask &arguments, const Paths &params,
                                    const Mask &results, bool derivedAgain) {
  Paths read = paramsRead(function, params);
  std::string name = activityKey(function, arguments, read, results) + (derivedAgain ? "'" : "");
  if (auto it = reachedKnown.find(name); it != reachedKnown.end()) {
    metOpen |= reachedOpen.count(name) != 0;
    return it->second;
  }
  CustomDerivative custom = customDerivativeOf(function);
  if (custom && !custom.derivesItself)
    return reachedKnown[name] = reachedByRules(function, custom, arguments, results, derivedAgain);
  // Who calls itself adds nothing the second time. What was found meanwhile of others misses what lies behind that
  // call, so it is not kept longer than this question.
  reachedKnown[name] = {};
  reachedOpen.insert(name);
  bool metBefore = std::exchange(metOpen, false);
  Reached reached;
  llvm::DenseSet<Value> active = varied(function, arguments, read), wanted = useful(function, active, results);
  Block &body = function.getBody().front();
  for (BlockArgument argument : body.getArguments()) reached.arguments.push_back(wanted.contains(argument));
  for (Operation &op : body.without_terminator()) {
    if (llvm::none_of(op.getResults(), [&](Value result) { return wanted.contains(result); })) continue;
    if (auto param = dyn_cast<ReadParameterOp>(op)) reached.params.insert(param.getParameter().str());
    if (lacksRule(&op)) reached.missingRules.push_back(&op);
    if (isControl(&op)) { // all that a region gives counts
      Mask operands;
      for (Value operand : op.getOperands()) operands.push_back(wanted.contains(operand));
      for (auto &[region, given] : controlActivity(*this, &op, operands, read).regions) {
        reached.add(this->reached(region, given, read, Mask(region.getNumResults(), true), derivedAgain));
      }
      continue;
    }
    func::FuncOp callee = calleeOf(&op);
    if (!callee) continue;
    reached.callees.insert(callee);
    Mask operands, of;
    bool isCall = isa<CallOp>(op);
    for (unsigned i = 0; i < callee.getNumArguments(); ++i) operands.push_back(wanted.contains(op.getOperand(i)));
    for (unsigned i = 0; i < callee.getNumResults(); ++i) of.push_back(!isCall || wanted.contains(op.getResult(i)));
    reached.add(this->reached(callee, operands, read, of, derivedAgain || !isCall));
  }
  if (custom) { // reverse mode goes by the rule all the same
    Reached byRules = reachedByRules(function, custom, arguments, results, derivedAgain);
    reached.arguments = byRules.arguments;
    llvm::append_range(reached.missingRules, byRules.missingRules);
  }
  reachedOpen.erase(name);
  if (metOpen && !reachedOpen.empty()) reachedInPart.push_back(name);
  metOpen = (metOpen || metBefore) && !reachedOpen.empty();
  if (reachedOpen.empty())
    for (; !reachedInPart.empty(); reachedInPart.pop_back()) reachedKnown.erase(reachedInPart.back());
  return reachedKnown[name] = std::move(reached);
}

} // namespace graphc::graph
