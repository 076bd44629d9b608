// derived_functions.h: the memo, and how functions and calls of them are made.
#include "compiler/autodiff/derived_functions.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/recursion.h"
#include "dialects/graph/requirement.h"

using namespace mlir;

namespace graphc::autodiff {

SmallVector<Value> ReverseFunctions::residualsOf(ValueRange given, ValueRange made) const {
  SmallVector<Value> values;
  for (int residual : residuals) values.push_back(residual < 0 ? given[~residual] : made[residual]);
  return values;
}

ReverseFunctions::Gradients ReverseFunctions::callBackward(OpBuilder &b, Location location, ValueRange operands) const {
  Gradients all{SmallVector<Value>(arguments.size()), SmallVector<Value>(params.size())};
  if (!backward) return all;
  auto call = DerivedFunctions::createCall(b, location, backward, operands);
  unsigned next = 0;
  for (auto [gradient, has] : llvm::zip_equal(all.arguments, arguments))
    if (has) gradient = call.getResult(next++);
  for (auto [gradient, has] : llvm::zip_equal(all.params, params))
    if (has) gradient = call.getResult(next++);
  return all;
}

const ForwardFunction &DerivedFunctions::forward(func::FuncOp function, const Mask &arguments, const Paths &params) {
  Paths read = activity.paramsRead(function, params);
  std::string name = graph::activityKey(function, arguments, read);
  if (auto it = forwards.find(name); it != forwards.end()) return it->second;
  graph::CustomDerivative custom = graph::customDerivativeOf(function);
  if (graph::isRecursive(function) && !custom.jvp) return forwardOfRecursion(function, arguments, read, name);
  ForwardFunction made = custom.jvp ? makeForwardByRule(*this, function, find(custom.jvp), arguments)
                                    : makeForward(*this, function, arguments, read);
  return forwards[name] = std::move(made);
}

const ReverseFunctions &DerivedFunctions::reverse(func::FuncOp function, const Mask &arguments, const Paths &params,
                                                  const Mask &results, IsThere isThere) {
  Paths read = activity.paramsRead(function, params);
  Mask wanted = activity.variedResults(function, arguments, read);
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted[i] && results[i];
  std::string name = graph::activityKey(function, arguments, read, wanted);
  if (isThere) name += " turn"; // the body of one loop
  if (auto it = reverses.find(name); it != reverses.end()) return it->second;
  if (graph::isRecursive(function) && llvm::is_contained(wanted, true) && !graph::customDerivativeOf(function).vjp)
    return reverseOfRecursion(function, arguments, read, wanted, name);
  ReverseFunctions made = makeReverse(*this, function, arguments, read, wanted, isThere);
  return reverses[name] = std::move(made);
}

/// It calls itself, so what it takes and gives is settled before its body: a tangent for every result that is varied.
const ForwardFunction &DerivedFunctions::forwardOfRecursion(func::FuncOp function, const Mask &arguments,
                                                            const Paths &read, const std::string &name) {
  ForwardFunction &made = forwards[name];
  made.function = createBeside(function, ".jvp");
  graph::copyRecursion(function, made.function);
  made.tangents = activity.variedResults(function, arguments, read);
  SmallVector<Type> given(function.getArgumentTypes()), results(function.getResultTypes());
  for (auto [type, active] : llvm::zip_equal(function.getArgumentTypes(), arguments))
    if (active) given.push_back(type);
  for (const std::string &path : read) given.push_back(typeOf(path));
  for (auto [type, varied] : llvm::zip_equal(function.getResultTypes(), made.tangents))
    if (varied) results.push_back(type);
  made.function.setFunctionType(FunctionType::get(function.getContext(), given, results));
  makeForward(*this, function, arguments, read, &made);
  return made;
}

/// Without a tape: what a call leaves to the reverse pass are its arguments. @f.bwd(arguments, cotangents) runs the
/// body of f again, with plain calls of f in it, and walks it back, with calls of @f.bwd. The work is that of f times
/// the depth; the memory is one frame per depth.
const ReverseFunctions &DerivedFunctions::reverseOfRecursion(func::FuncOp function, const Mask &arguments,
                                                             const Paths &read, const Mask &wanted,
                                                             const std::string &name) {
  ReverseFunctions &made = reverses[name];
  made.forward = function;
  made.backward = createBeside(function, ".bwd");
  graph::copyRecursion(function, made.backward);
  made.results = wanted;
  Activity::Reached reached = activity.reached(function, arguments, read, wanted);
  made.arguments = reached.arguments;
  for (const std::string &path : read) made.params.push_back(reached.params.count(path) != 0);
  Block &body = made.backward.getBody().front();
  for (auto [i, argument] : llvm::enumerate(function.getArguments())) {
    made.residuals.push_back(~int(i));
    body.addArgument(argument.getType(), argument.getLoc());
  }
  SmallVector<Type> gradients;
  for (auto [type, has] : llvm::zip_equal(function.getResultTypes(), wanted))
    if (has) body.addArgument(type, function.getLoc());
  for (auto [type, has] : llvm::zip_equal(function.getArgumentTypes(), made.arguments))
    if (has) gradients.push_back(type);
  for (auto [path, has] : llvm::zip_equal(read, made.params))
    if (has) gradients.push_back(typeOf(path));
  made.backward.setFunctionType(FunctionType::get(function.getContext(), body.getArgumentTypes(), gradients));

  ReverseFunctions once =
      makeReverse(*this, function, arguments, read, wanted, /*isThere=*/nullptr); // its calls of f are settled now
  OpBuilder b = OpBuilder::atBlockEnd(&body);
  graph::RuleBuilder rules(function.getLoc(), b);
  ValueRange given = body.getArguments().take_front(function.getNumArguments());
  auto primal = createCall(b, function.getLoc(), once.forward, given);
  SmallVector<Value> operands = once.residualsOf(given, primal.getResults()), results;
  llvm::append_range(operands, body.getArguments().drop_front(given.size()));
  ReverseFunctions::Gradients back = once.callBackward(b, function.getLoc(), operands);
  auto add = [&](bool has, Value gradient) {
    if (has)
      results.push_back(gradient ? gradient : rules.filled(cast<RankedTensorType>(gradients[results.size()]), 0));
  };
  for (auto [has, gradient] : llvm::zip_equal(made.arguments, back.arguments)) add(has, gradient);
  for (auto [has, gradient] : llvm::zip_equal(made.params, back.params)) add(has, gradient);
  finish(made.backward, results);
  return made;
}

func::FuncOp DerivedFunctions::createBeside(func::FuncOp function, llvm::StringRef suffix) {
  auto made = func::FuncOp::create(function.getLoc(), (function.getSymName() + suffix).str(),
                                   FunctionType::get(function.getContext(), {}, {}));
  made.setPrivate();
  if (Attribute demands = function->getAttr(graph::requiresAttr)) made->setAttr(graph::requiresAttr, demands);
  symbols.insert(made); // renames it where there is one
  made.getBody().emplaceBlock();
  return made;
}

SmallVector<Type> DerivedFunctions::resultTypes(func::FuncOp callee, TypeRange operands) {
  graph::BoundDims dims = graph::bindDims(callee.getArgumentTypes(), operands);
  SmallVector<Type> results;
  for (Type type : callee.getResultTypes()) results.push_back(graph::substituteDims(type, dims));
  return results;
}

graph::CallOp DerivedFunctions::createCall(OpBuilder &b, Location location, func::FuncOp callee, ValueRange operands) {
  return b.create<graph::CallOp>(location, resultTypes(callee, operands.getTypes()),
                                 FlatSymbolRefAttr::get(callee.getSymNameAttr()), operands);
}

void DerivedFunctions::finish(func::FuncOp function, ValueRange results) {
  Block &body = function.getBody().front();
  OpBuilder b = OpBuilder::atBlockEnd(&body);
  b.create<func::ReturnOp>(function.getLoc(), results);
  function.setFunctionType(b.getFunctionType(body.getArgumentTypes(), results.getTypes()));
}

} // namespace graphc::autodiff
