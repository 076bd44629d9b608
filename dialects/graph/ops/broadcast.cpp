// broadcast: y[..., i, ...] = x[..., i or 0, ...]. One elementwise copy, so that its readers can fuse it away.
#include "dialects/graph/broadcast_shape.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/row_major.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "broadcast", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  About attribute = About::theAttribute("shape");
  Shape from = shapeOf(*x), to = shapeOf(adaptor.getShape());
  for (const Dim &size : to)
    if (size.low() < 0) // (C2)
      return shapeError(location, "G2001", attribute, "a size of 'shape' is " + size.text() + ", sizes are 0 or more");
  bool fits = from.size() <= to.size();
  for (size_t i = 0; fits && i < from.size(); ++i) fits = from[i].is(1) || from[i] == to[to.size() - from.size() + i];
  if (!fits) // (C1)
    return shapeError(location, "G3001", {attribute, About::theOperand(0)},
                      "'x' is " + shapeText(from) + ", which does not broadcast to " + shapeText(to));
  return addResultType(location, to, x->getElementType(), attribute, types);
}

FailureOr<SmallVector<Value>> BroadcastOp::lower(Lowering &l) {
  Value y = l.elementwise(l.in[0], l.operandShape(0), l.resultShape(), getElementTypeOrSelf(l.in[0].getType()),
                          [](ImplicitLocOpBuilder &, ValueRange scalar) -> Value { return scalar[0]; });
  return SmallVector<Value>{y};
}

LogicalResult BroadcastOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  HostTensor &y = results[0];
  SmallVector<int64_t> strides = broadcastStrides(x.shape, y.shape);
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    int64_t from = 0;
    for (auto [i, stride] : llvm::zip_equal(index, strides)) from += i * stride;
    setElement(y, flatIndex(index, y.shape), elementAt(x, from));
  });
  return success();
}

Dim BroadcastOp::flops() { return 0; }
Value BroadcastOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) { return b.sumTo(ct[0], shapeOf(getX())); }
