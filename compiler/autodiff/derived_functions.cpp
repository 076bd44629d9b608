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
  Mask active = arguments, wanted = activity.variedResults(function, active, read);
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted[i] && results[i];
  bool recurs =
      graph::isRecursive(function) && llvm::is_contained(wanted, true) && !graph::customDerivativeOf(function).vjp;
  auto covers = [](const Mask &all, const Mask &some) {
    for (size_t i = 0; i < all.size(); ++i)
      if (some[i] && !all[i]) return false;
    return true;
  };
  if (recurs) {
    for (const OpenRecursion &open : openRecursions)
      if (open.function == function && open.params == read && covers(open.arguments, active) &&
          covers(open.results, wanted))
        return *open.functions;
    widenOfRecursion(*this, function, read, active, wanted);
  }
  std::string name = graph::activityKey(function, active, read, wanted);
  name += recurs ? (mayTape ? "" : " again") : recursionKey;
  if (isThere) name += " turn"; // the body of one loop
  if (auto it = reverses.find(name); it != reverses.end()) return it->second;
  if (recurs) {
    ReverseFunctions &made = reverses[name];
    made.paths = read;
    openRecursions.push_back({function, active, wanted, read, &made});
    makeReverseOfRecursion(*this, made, function, active, read, wanted);
    openRecursions.pop_back();
    return made;
  }
  ReverseFunctions made = makeReverse(*this, function, active, read, wanted, isThere);
  made.paths = read;
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

SmallVector<func::FuncOp> DerivedFunctions::calleesOf(Operation *op) {
  SmallVector<func::FuncOp> callees;
  if (auto calling = dyn_cast<graph::Calling>(op))
    for (const graph::CalledFunction &call : calling.calls()) callees.push_back(find(call.callee));
  return callees;
}

void DerivedFunctions::noteMemory(Location node, StringRef mode, uint64_t bytes, int64_t turns,
                                  ArrayRef<NamedAttribute> more) {
  Builder b(node.getContext());
  NamedAttrList members(more);
  members.append("bytes", b.getI64IntegerAttr(int64_t(bytes)));
  members.append("mode", b.getStringAttr(mode));
  members.append("node", node);
  members.append("turns", b.getI64IntegerAttr(turns));
  loopMemory.push_back(members.getDictionary(b.getContext()));
}

void DerivedFunctions::finish(func::FuncOp function, ValueRange results) {
  Block &body = function.getBody().front();
  OpBuilder b = OpBuilder::atBlockEnd(&body);
  b.create<func::ReturnOp>(function.getLoc(), results);
  function.setFunctionType(b.getFunctionType(body.getArgumentTypes(), results.getTypes()));
}

} // namespace graphc::autodiff
