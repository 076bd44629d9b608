// Callees before callers, with a stack of our own: calls may be nested as deep as the user likes.
#include "dialects/graph/function_dims.h"
#include "dialects/graph/call_dims.h"
#include "dialects/graph/requirement.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace graphc::graph {

func::FuncOp FunctionDims::calleeOf(Operation *op) {
  auto call = dyn_cast<CallOp>(op);
  auto derivative = dyn_cast<DerivativeOp>(op);
  if (!call && !derivative) return {};
  return symbols.lookupNearestSymbolFrom<func::FuncOp>(op, call ? call.getCalleeAttr() : derivative.getCalleeAttr());
}

ArrayRef<DimAttr> FunctionDims::of(func::FuncOp function) {
  SmallVector<func::FuncOp> stack{function};
  while (!stack.empty()) {
    func::FuncOp top = stack.back();
    size_t before = stack.size();
    if (!known.count(top))
      top.walk([&](Operation *op) {
        if (func::FuncOp callee = calleeOf(op); callee && !known.count(callee)) stack.push_back(callee);
      });
    if (stack.size() != before) continue;
    stack.pop_back();
    if (!known.count(top)) known[top] = find(top);
  }
  return known[function];
}

/// Of a function whose callees are known.
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
    func::FuncOp callee = calleeOf(op);
    if (!callee) return;
    TypeRange operands = op->getOperandTypes();
    BoundDims bound = bindDims(callee.getArgumentTypes(), operands.take_front(callee.getNumArguments()));
    for (DimAttr dim : known[callee])
      if (!bound(dim)) add(dim);
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
