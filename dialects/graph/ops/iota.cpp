// iota: y[..., i, ...] = i. One graph.loops without operands.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/loop_writer.h"
#include <limits>

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
  Dim outer = elementCount(ArrayRef(shape).take_front(axis)),
      inner = elementCount(ArrayRef(shape).drop_front(axis + 1));
  LoopWriter w(l, {}, {outer, shape[axis], inner}, LoopWriter::Out{shape, l.plainElement(dtype)});
  w.nest(w.sizes(0, 3), [&](ValueRange i) {
    Value element;
    if (isFloat(dtype))
      element = w.create<arith::SIToFPOp>(l.computeType(dtype), w.fromIndex(i[1], w.getI64Type()));
    else
      element = w.fromIndex(i[1], l.plainElement(dtype));
    w.storeComputed(element, w.out(0), w.add(w.mul(w.add(w.mul(i[0], w.size(1)), i[1]), w.size(2)), i[2]), dtype);
  });
  return w.results();
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

Dim IotaOp::flops() { return 0; }
