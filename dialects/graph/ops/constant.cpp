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
  if (!dtype || !llvm::is_contained({Dtype::F32, Dtype::I32, Dtype::I64}, *dtype)) // (C1)
    return shapeError(location, "G4002", value,
                      "a constant is not defined for " + typeName(type.getElementType()) + " (f32, i32, i64)");
  return addResultType(location, type.getShape(), type.getElementType(), value, types); // (C2)
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

FailureOr<SmallVector<Value>> ConstantOp::lower(OpBuilder &builder) {
  return SmallVector<Value>{builder.create<arith::ConstantOp>(getLoc(), cast<TypedAttr>(getValueAttr()))};
}

LogicalResult ConstantOp::evaluate(ArrayRef<HostTensor>, SmallVectorImpl<HostTensor> &results) {
  FailureOr<HostTensor> value = fromAttribute(getValueAttr());
  if (failed(value)) return failure();
  results.push_back(std::move(*value));
  return success();
}

uint64_t ConstantOp::flops() { return 0; }
