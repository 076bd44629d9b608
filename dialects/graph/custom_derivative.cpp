// custom_derivative.h: the attribute is a dictionary with the members' names.
#include "dialects/graph/custom_derivative.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace graphc::graph {

SmallVector<StringRef> CustomDerivative::rules() const {
  SmallVector<StringRef> names;
  for (FlatSymbolRefAttr rule : {jvp, vjp, forward})
    if (rule) names.push_back(rule.getValue());
  return names;
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
