// custom_derivative.h: the attribute is a dictionary with the members' names.
#include "dialects/graph/custom_derivative.h"
#include "dialects/graph/calling.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace graphc::graph {

SmallVector<StringRef> CustomDerivative::rules() const {
  SmallVector<StringRef> names;
  for (FlatSymbolRefAttr rule : {jvp, vjp, forward})
    if (rule) names.push_back(rule.getValue());
  return names;
}

llvm::SetVector<Operation *> functionsBelow(ArrayRef<func::FuncOp> roots, SymbolTable &symbols) {
  llvm::SetVector<Operation *> below;
  for (func::FuncOp root : roots) below.insert(root);
  for (size_t i = 0; i < below.size(); ++i) {
    auto function = cast<func::FuncOp>(below[i]);
    for (StringRef rule : customDerivativeOf(function).rules()) below.insert(symbols.lookup(rule));
    function.walk([&](Calling calling) {
      for (const CalledFunction &call : calling.calls()) below.insert(symbols.lookup(call.callee.getValue()));
    });
  }
  return below;
}

CustomDerivative customDerivativeOf(func::FuncOp function) {
  CustomDerivative custom;
  auto attribute = function->getAttrOfType<DictionaryAttr>(customDerivativeAttr);
  if (!attribute) return custom;
  custom.jvp = attribute.getAs<FlatSymbolRefAttr>("jvp");
  custom.vjp = attribute.getAs<FlatSymbolRefAttr>("vjp");
  custom.forward = attribute.getAs<FlatSymbolRefAttr>("forward");
  custom.derivesItself = attribute.contains("derives_itself");
  custom.differs = attribute.contains("differs");
  return custom;
}

void setCustomDerivative(func::FuncOp function, const CustomDerivative &custom) {
  NamedAttrList members;
  if (custom.jvp) members.append("jvp", custom.jvp);
  if (custom.vjp) members.append("vjp", custom.vjp);
  if (custom.forward) members.append("forward", custom.forward);
  if (custom.derivesItself) members.append("derives_itself", UnitAttr::get(function.getContext()));
  if (custom.differs) members.append("differs", UnitAttr::get(function.getContext()));
  function->setAttr(customDerivativeAttr, members.getDictionary(function.getContext()));
}

} // namespace graphc::graph
