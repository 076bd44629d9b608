// Forward mode: every op is followed by what its rule makes of the tangents of its operands. A null tangent is zero; it
// is made into a tensor only where a rule or a result needs one.
#include "compiler/autodiff/derived_functions.h"
#include "dialects/graph/control_flow.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace graphc::autodiff {

ForwardFunction makeForward(DerivedFunctions &derived, func::FuncOp function, const Mask &arguments,
                            const Paths &params, const ForwardFunction *declared) {
  ForwardFunction made;
  made.function = declared ? declared->function : derived.createBeside(function, ".jvp");
  Block &from = function.getBody().front(), &to = made.function.getBody().front();
  OpBuilder b = OpBuilder::atBlockEnd(&to);
  IRMapping primal;
  DenseMap<Value, Value> tangents; // by value of `from`
  llvm::StringMap<Value> paramTangents;
  for (BlockArgument argument : from.getArguments())
    primal.map(argument, to.addArgument(argument.getType(), argument.getLoc()));
  for (auto [argument, active] : llvm::zip(from.getArguments(), arguments))
    if (active) tangents[argument] = to.addArgument(argument.getType(), argument.getLoc());
  for (const std::string &path : params) paramTangents[path] = to.addArgument(derived.typeOf(path), function.getLoc());

  for (Operation &op : from.without_terminator()) {
    if (auto call = dyn_cast<graph::CallOp>(op)) {
      func::FuncOp callee = derived.activities().calleeOf(call);
      Mask active;
      SmallVector<Value> operands, further;
      for (Value operand : call.getOperands()) {
        Value tangent = tangents.lookup(operand);
        active.push_back(bool(tangent));
        operands.push_back(primal.lookup(operand));
        if (tangent) further.push_back(tangent);
      }
      Paths read = derived.activities().paramsRead(callee, params);
      if (further.empty() && read.empty()) {
        b.clone(op, primal);
        continue;
      }
      for (const std::string &path : read) further.push_back(paramTangents[path]);
      const ForwardFunction &inside = derived.forward(callee, active, params);
      operands.append(further);
      auto made = DerivedFunctions::createCall(b, op.getLoc(), inside.function, operands);
      unsigned next = call.getNumResults();
      for (auto [i, result] : llvm::enumerate(call.getResults())) {
        primal.map(result, made.getResult(i));
        if (inside.tangents[i]) tangents[result] = made.getResult(next++);
      }
      continue;
    }
    if (graph::isControl(&op)) {
      Mask active;
      SmallVector<Value> primals, given, ofParams;
      for (Value operand : op.getOperands()) {
        given.push_back(tangents.lookup(operand));
        active.push_back(bool(given.back()));
        primals.push_back(primal.lookup(operand));
      }
      graph::ControlActivity found = graph::controlActivity(derived.activities(), &op, active, params);
      if (llvm::is_contained(found.results, true)) {
        Paths read;
        for (const std::string &path : params)
          if (llvm::any_of(found.regions, [&](auto &region) {
                return !derived.activities().paramsRead(region.first, {path}).empty();
              })) {
            read.push_back(path);
            ofParams.push_back(paramTangents[path]);
          }
        auto [results, made] = forwardOfControl(derived, b, &op, primals, given, read, ofParams);
        for (auto [i, result] : llvm::enumerate(op.getResults())) {
          primal.map(result, results[i]);
          if (made[i]) tangents[result] = made[i];
        }
        continue;
      }
    }
    Operation *cloned = b.clone(op, primal);
    if (auto read = dyn_cast<graph::ReadParameterOp>(op)) {
      if (auto it = paramTangents.find(read.getParameter()); it != paramTangents.end() && !read.getState())
        tangents[read.getValue()] = it->second;
      continue;
    }
    graph::JvpState state;
    for (Value operand : op.getOperands()) state.tangents.push_back(tangents.lookup(operand));
    if (!passesDerivatives(&op) || llvm::none_of(state.tangents, [](Value t) { return bool(t); }) ||
        llvm::none_of(op.getResults(), isReal))
      continue;
    state.results.resize(op.getNumResults());
    graph::RuleBuilder rules(op.getLoc(), b);
    cast<graph::Differentiable>(cloned).jvp(rules, state);
    for (auto [result, tangent] : llvm::zip(op.getResults(), state.results))
      if (tangent) tangents[result] = tangent;
  }

  SmallVector<Value> results, resultTangents;
  for (Value returned : from.getTerminator()->getOperands()) {
    results.push_back(primal.lookup(returned));
    Value tangent = tangents.lookup(returned);
    if (declared && !tangent && declared->tangents[made.tangents.size()])
      tangent = graph::RuleBuilder(function.getLoc(), b).zeros(results.back());
    made.tangents.push_back(bool(tangent));
    if (tangent) resultTangents.push_back(tangent);
  }
  results.append(resultTangents);
  DerivedFunctions::finish(made.function, results);
  return made;
}

ForwardFunction makeForwardByRule(DerivedFunctions &derived, func::FuncOp function, func::FuncOp rule,
                                  const Mask &arguments) {
  ForwardFunction made;
  made.function = derived.createBeside(function, ".jvp");
  Block &to = made.function.getBody().front();
  OpBuilder b = OpBuilder::atBlockEnd(&to);
  graph::RuleBuilder rules(function.getLoc(), b);
  SmallVector<Value> given, tangents;
  for (BlockArgument argument : function.getArguments())
    given.push_back(to.addArgument(argument.getType(), argument.getLoc()));
  for (auto [argument, active] : llvm::zip(function.getArguments(), arguments)) {
    Value tangent = active ? to.addArgument(argument.getType(), argument.getLoc()) : Value();
    if (isReal(argument)) tangents.push_back(tangent ? tangent : rules.zeros(given[argument.getArgNumber()]));
  }
  auto primal = DerivedFunctions::createCall(b, function.getLoc(), function, given);
  given.append(primal.result_begin(), primal.result_end());
  given.append(tangents);
  auto call = DerivedFunctions::createCall(b, function.getLoc(), rule, given);
  SmallVector<Value> results(primal.getResults());
  for (Value result : primal.getResults()) made.tangents.push_back(isReal(result));
  results.append(call.result_begin(), call.result_end());
  DerivedFunctions::finish(made.function, results);
  return made;
}

} // namespace graphc::autodiff
