// Callees before callers; functions that call each other in circles until nothing is added.
#include "dialects/graph/function_dims.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/recursion.h"
#include "dialects/graph/requirement.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace graphc::graph {

SmallVector<std::pair<func::FuncOp, SmallVector<Type>>> FunctionDims::calleesOf(Operation *op) {
  SmallVector<std::pair<func::FuncOp, SmallVector<Type>>> found;
  if (auto calling = dyn_cast<Calling>(op))
    for (CalledFunction &call : calling.calls())
      if (auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(op, call.callee))
        found.push_back({callee, std::move(call.operands)});
  return found;
}

ArrayRef<DimAttr> FunctionDims::of(func::FuncOp function) {
  auto callees = [&](func::FuncOp caller) {
    SmallVector<func::FuncOp> found;
    caller.walk([&](Operation *op) {
      for (auto &[callee, operands] : calleesOf(op)) found.push_back(callee);
    });
    return found;
  };
  DenseSet<Operation *> open; // of this question: not settled before all of them are
  auto isKnown = [&](func::FuncOp one) { return known.count(one) && !open.contains(one); };
  untilNothingChanges(function, isKnown, callees, [&](func::FuncOp one) {
    SmallVector<DimAttr> found = find(one), &before = known[one];
    open.insert(one);
    if (before == found) return false;
    before = std::move(found);
    return true;
  });
  return known[function];
}

SmallVector<DimAttr> FunctionDims::find(func::FuncOp function) {
  SmallVector<DimAttr> found, ordered;
  auto add = [&](DimAttr dim) {
    if (!llvm::is_contained(found, dim)) found.push_back(dim);
  };
  auto addType = [&](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    auto shape = tensor ? dyn_cast_or_null<ShapeAttr>(tensor.getEncoding()) : ShapeAttr();
    if (shape) llvm::for_each(shape.getDims(), add);
  };
  llvm::for_each(function.getArgumentTypes(), addType);
  function.getBody().walk([&](Operation *op) {
    llvm::for_each(op->getResultTypes(), addType);
    for (NamedAttribute attribute : op->getAttrDictionary()) {
      if (auto shape = dyn_cast<ShapeAttr>(attribute.getValue())) llvm::for_each(shape.getDims(), add);
      if (auto type = dyn_cast<TypeAttr>(attribute.getValue())) addType(type.getValue());
    }
    for (auto &[callee, operands] : calleesOf(op)) {
      BoundDims bound = bindDims(callee.getArgumentTypes(), operands);
      for (DimAttr dim : known.lookup(callee))
        if (!bound(dim)) add(dim);
    }
  });
  for (const Requirement &requirement : requirementsOf(function))
    for (const Dim *side : {&requirement.left, &requirement.right}) llvm::for_each(side->symbols(), add);
  auto table = function->getParentOfType<ModuleOp>()->getAttrOfType<ArrayAttr>("graph.dims");
  for (Attribute dim : table ? table.getValue() : ArrayRef<Attribute>())
    if (auto named = dyn_cast<DimAttr>(dim); named && llvm::is_contained(found, named)) ordered.push_back(named);
  for (DimAttr dim : found)
    if (!llvm::is_contained(ordered, dim)) ordered.push_back(dim); // hand-written IR without the table
  return ordered;
}

} // namespace graphc::graph
