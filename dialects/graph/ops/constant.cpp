// constant: y = value. The value is dense (possibly a splat); other kinds of elements are refused.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/host_tensor_attr.h"
#include "dialects/graph/operand_type.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  About value = About::theAttribute("value");
  auto elements = dyn_cast_or_null<DenseElementsAttr>(adaptor.getValueAttr());
  auto type = elements ? dyn_cast<RankedTensorType>(elements.getType()) : RankedTensorType();
  if (!type) return shapeError(location, "G4002", value, "a constant is a dense tensor");
  std::optional<Dtype> dtype = dtypeOf(type.getElementType());
  if (!dtype) // (C1)
    return shapeError(location, "G4002", value, "a constant cannot be " + typeName(type.getElementType()));
  return addResultType(location, shapeOf(type), type.getElementType(), value, types); // (C2)
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

// Bools become bytes, unsigned integers signless: the same bits.
FailureOr<SmallVector<Value>> ConstantOp::lower(Lowering &lowering) {
  auto value = cast<DenseElementsAttr>(getValueAttr());
  RankedTensorType plain = lowering.plainResult();
  if (lowering.resultDtype() == Dtype::Bool)
    value = value.mapValues(plain.getElementType(), [](const llvm::APInt &x) { return x.zext(8); });
  else if (!isa<FloatType>(plain.getElementType()))
    value = value.bitcast(plain.getElementType());
  return SmallVector<Value>{lowering.create<arith::ConstantOp>(plain, value)};
}

LogicalResult ConstantOp::evaluate(ArrayRef<HostTensor>, MutableArrayRef<HostTensor> results) {
  FailureOr<HostTensor> value = fromAttribute(getValueAttr());
  if (failed(value)) return failure();
  results[0] = std::move(*value);
  return success();
}

Dim ConstantOp::flops() { return 0; }
