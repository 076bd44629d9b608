// one_hot: y[a, j, b] = (j == index[a, b]). One graph.loops: zeros, then the ones.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/loop_writer.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult OneHotOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto index = indexOperandType(location, "one_hot", adaptor.getOperands(), 0, "index"); // (C1)
  if (failed(index)) return failure();
  Shape shape = shapeOf(*index);
  auto axis = checkedAxis(location, adaptor.getAxis(), shape.size() + 1, "axis", "y"); // (C2)
  if (failed(axis)) return failure();
  int64_t depth = adaptor.getDepth();
  if (depth < 1 || depth > (int64_t(1) << 40)) // (C3)
    return shapeError(location, "G2001", About::theAttribute("depth"),
                      "'depth' is " + Twine(depth) + ", it can be 1 to 2^40");
  Type element = adaptor.getDtype().value_or(elementType(context, Dtype::F32));
  if (!dtypeOf(element)) // (C4)
    return shapeError(location, "G4002", About::theAttribute("dtype"), "there is no dtype " + typeName(element));
  shape.insert(shape.begin() + *axis, Dim(depth));
  return addResultType(location, shape, element, {About::theAttribute("depth"), About::theOperand(0)}, types); // (C5)
}

FailureOr<SmallVector<Value>> OneHotOp::lower(Lowering &l) {
  Shape index = l.operandShape(0);
  int64_t axis = axisFromFront(getAxis(), index.size() + 1);
  Dtype dtype = l.resultDtype();
  Type element = l.plainElement(dtype);
  Dim outer = elementCount(ArrayRef(index).take_front(axis)), inner = elementCount(ArrayRef(index).drop_front(axis));
  LoopWriter w(l, l.in, {outer, Dim(getDepth()), inner, elementCount(l.resultShape())},
               LoopWriter::Out{l.resultShape(), element}, /*mayFail=*/true);
  Value zero = w.create<arith::ConstantOp>(w.getZeroAttr(element));
  Value one = w.create<arith::ConstantOp>(isFloat(dtype) ? TypedAttr(w.getFloatAttr(element, 1.0))
                                                         : TypedAttr(w.getIntegerAttr(element, 1)));
  w.loop(w.index(0), w.size(3), [&](Value i) { w.store(zero, w.out(0), i); });
  w.nest({w.size(0), w.size(2)}, [&](ValueRange i) {
    Value at = w.load(w.in(0), w.add(w.mul(i[0], w.size(2)), i[1]));
    Value position = w.checkedPosition(w.toIndex(at, l.operandDtype(0)), w.size(1));
    w.store(one, w.out(0), w.add(w.mul(w.add(w.mul(i[0], w.size(1)), position), w.size(2)), i[1]));
  });
  return w.results();
}

LogicalResult OneHotOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &index = operands[0];
  HostTensor &y = results[0];
  int64_t depth = getDepth(), inner = 1;
  for (int64_t size : ArrayRef(index.shape).drop_front(axisFromFront(getAxis(), y.shape.size()))) inner *= size;
  for (int64_t i = 0, n = index.size(); i < n; ++i) {
    int64_t position = index.integers[i];
    if (position < 0 || position >= depth) return failure();
    setElement(y, (i / inner * depth + position) * inner + i % inner,
               isFloat(y.dtype) ? Number(Jet(1.0)) : Number::of(int64_t(1)));
  }
  return success();
}

Dim OneHotOp::flops() { return 0; }
