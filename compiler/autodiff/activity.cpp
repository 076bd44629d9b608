// activity.h. One walk forward over a function for what varies, one backward for what is useful.
#include "compiler/autodiff/activity.h"
#include "dialects/graph/element_type.h"

using namespace mlir;

namespace graphc::autodiff {

bool isReal(Value value) {
  std::optional<graph::Dtype> dtype = graph::dtypeOf(cast<RankedTensorType>(value.getType()).getElementType());
  return dtype && graph::isFloat(*dtype);
}

bool passesDerivatives(Operation *op) {
  auto differentiable = dyn_cast<graph::Differentiable>(op);
  return differentiable && differentiable.noDerivative().empty();
}

std::string key(func::FuncOp function, const Mask &arguments, const Paths &params, const Mask &results) {
  std::string text = function.getSymName().str() + "|";
  for (bool active : arguments) text += active ? '1' : '0';
  text += '|';
  for (bool active : results) text += active ? '1' : '0';
  for (const std::string &path : params) text += "|" + path;
  return text;
}

const std::set<std::string> &Activity::allParamsRead(func::FuncOp function) {
  auto [it, isNew] = reads.try_emplace(function);
  if (!isNew) return it->second;
  std::set<std::string> all;
  for (Operation &op : function.getBody().front()) {
    if (auto read = dyn_cast<graph::ReadParameterOp>(op); read && !read.getState())
      all.insert(read.getParameter().str());
    if (auto call = dyn_cast<graph::CallOp>(op))
      if (func::FuncOp callee = calleeOf(call)) {
        const std::set<std::string> &inside = allParamsRead(callee);
        all.insert(inside.begin(), inside.end());
      }
  }
  return reads[function] = std::move(all);
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
    if (auto read = dyn_cast<graph::ReadParameterOp>(op)) {
      if (!read.getState() && isReal(read.getValue()) && llvm::is_contained(params, read.getParameter()))
        varied.insert(read.getValue());
    } else if (auto call = dyn_cast<graph::CallOp>(op)) {
      Mask operands;
      for (Value operand : call.getOperands()) operands.push_back(varied.contains(operand));
      Mask results = variedResults(calleeOf(call), operands, params);
      for (auto [result, active] : llvm::zip(call.getResults(), results))
        if (active) varied.insert(result);
    } else if (passesDerivatives(&op)) {
      if (llvm::any_of(op.getOperands(), [&](Value operand) { return varied.contains(operand); }))
        for (Value result : op.getResults())
          if (isReal(result)) varied.insert(result);
    }
  }
  return varied;
}

Mask Activity::variedResults(func::FuncOp function, const Mask &arguments, const Paths &params) {
  Paths read = paramsRead(function, params);
  if (read.empty() && !llvm::is_contained(arguments, true)) return Mask(function.getNumResults(), false);
  std::string name = key(function, arguments, read);
  if (auto it = known.find(name); it != known.end()) return it->second;
  llvm::DenseSet<Value> active = varied(function, arguments, read);
  Mask results;
  for (Value returned : function.getBody().front().getTerminator()->getOperands())
    results.push_back(active.contains(returned));
  return known[name] = results;
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

} // namespace graphc::autodiff
