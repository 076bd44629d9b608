// iota: y[..., i, ...] = i. A linalg.generic without operands, so that its readers can fuse it away.
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace graphc::graph;

/// The largest position that the dtype holds exactly; floats hold any, rounded.
static int64_t largest(Dtype dtype) {
  if (isFloat(dtype)) return std::numeric_limits<int64_t>::max();
  unsigned bits = 8 * dtypeBytes(dtype) - (dtype < Dtype::U8);
  return bits >= 63 ? std::numeric_limits<int64_t>::max() : (int64_t(1) << bits) - 1;
}

LogicalResult IotaOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  RankedTensorType type = adaptor.getType();
  About attribute = About::theAttribute("type");
  std::optional<Dtype> dtype = dtypeOf(type.getElementType());
  if (!dtype || *dtype == Dtype::Bool) // (C1)
    return shapeError(location, "G4002", attribute,
                      "'iota' is not defined for " + typeName(type.getElementType()) + ", it takes numbers");
  if (!isNamed(type)) // (C2)
    return shapeError(location, "G0014", attribute, "a size is neither a number nor a named dim");
  Shape shape = shapeOf(type);
  int64_t rank = shape.size(), axis = adaptor.getAxis();
  if (axis < -rank || axis >= rank) // (C3)
    return shapeError(location, "G2004", {About::theAttribute("axis"), attribute},
                      "axis " + Twine(axis) + " is outside a tensor of rank " + Twine(rank) +
                          (rank ? " (valid: " + Twine(-rank) + ".." + Twine(rank - 1) + ")" : Twine()));
  Dim length = shape[axisFromFront(axis, rank)];
  if (length.high() - 1 > largest(*dtype)) // (C4)
    return shapeError(location, "G4005", attribute,
                      "positions along an axis of size " + length.text() + " do not fit " + dtypeName(*dtype) +
                          ", which holds at most " + Twine(largest(*dtype)));
  return addResultType(location, shape, type.getElementType(), attribute, types); // (C2)
}

FailureOr<SmallVector<Value>> IotaOp::lower(Lowering &l) {
  Shape shape = l.resultShape();
  Dtype dtype = l.resultDtype();
  int64_t axis = axisFromFront(getAxis(), shape.size());
  Value y = l.elementwise({}, {}, shape, l.plainElement(dtype), [&](ImplicitLocOpBuilder &b, ValueRange) -> Value {
    Value position = b.create<linalg::IndexOp>(axis);
    if (!isFloat(dtype)) return b.create<arith::IndexCastOp>(l.plainElement(dtype), position);
    position = b.create<arith::IndexCastOp>(b.getI64Type(), position);
    return Lowering::toStored(b, b.create<arith::SIToFPOp>(l.computeType(dtype), position), dtype);
  });
  return SmallVector<Value>{y};
}

LogicalResult IotaOp::evaluate(ArrayRef<HostTensor>, MutableArrayRef<HostTensor> results) {
  HostTensor &y = results[0];
  int64_t axis = axisFromFront(getAxis(), y.shape.size()), inner = 1;
  for (int64_t size : ArrayRef(y.shape).drop_front(axis + 1)) inner *= size;
  for (int64_t i = 0, n = y.size(); i < n; ++i)
    setElement(y, i,
               isFloat(y.dtype) ? Number(Jet(double(i / inner % y.shape[axis])))
                                : Number::of(i / inner % y.shape[axis]));
  return success();
}

uint64_t IotaOp::flops() { return 0; }
