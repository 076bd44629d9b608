// derived_functions.h: the memo, and how functions and calls of them are made.
#include "compiler/autodiff/derived_functions.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/requirement.h"

using namespace mlir;

namespace graphc::autodiff {

const ForwardFunction &DerivedFunctions::forward(func::FuncOp function, const Mask &arguments, const Paths &params) {
  Paths read = activity.paramsRead(function, params);
  std::string name = graph::activityKey(function, arguments, read);
  if (auto it = forwards.find(name); it != forwards.end()) return it->second;
  graph::CustomDerivative custom = graph::customDerivativeOf(function);
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
  ReverseFunctions made = makeReverse(*this, function, arguments, read, wanted, isThere);
  return reverses[name] = std::move(made);
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

graph::CallOp DerivedFunctions::createCall(OpBuilder &b, Location location, func::FuncOp callee, ValueRange operands) {
  graph::BoundDims dims = graph::bindDims(callee.getArgumentTypes(), operands.getTypes());
  SmallVector<Type> results;
  for (Type type : callee.getResultTypes()) results.push_back(graph::substituteDims(type, dims));
  return b.create<graph::CallOp>(location, results, FlatSymbolRefAttr::get(callee.getSymNameAttr()), operands);
}

void DerivedFunctions::finish(func::FuncOp function, ValueRange results) {
  Block &body = function.getBody().front();
  OpBuilder b = OpBuilder::atBlockEnd(&body);
  b.create<func::ReturnOp>(function.getLoc(), results);
  function.setFunctionType(b.getFunctionType(body.getArgumentTypes(), results.getTypes()));
}

} // namespace graphc::autodiff
