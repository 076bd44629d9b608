// softmax: y_i = e^(x_i - m) / sum_j e^(x_j - m), m = max_j x_j. A row with a NaN or +infinity, or of nothing but
// -infinity, is NaN.
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "softmax", adaptor.getOperands(), 0, floatDtypes); // (C2)
  if (failed(x) || failed(checkedAxis(location, adaptor.getAxis(), x->getRank(), "axis", "x")))
    return failure(); // (C1)
  types.push_back(*x);
  return success();
}

FailureOr<SmallVector<Value>> SoftmaxOp::lower(Lowering &l) {
  Shape shape = l.resultShape();
  Value x = l.tensorToCompute(l.in[0], shape, l.resultDtype());
  Value empty = l.empty(shape, getElementTypeOrSelf(x.getType()));
  auto axis = uint64_t(axisFromFront(getAxis(), shape.size()));
  Value y = l.create<linalg::SoftmaxOp>(TypeRange(empty.getType()), x, empty, axis).getResult()[0];
  return SmallVector<Value>{l.tensorToStored(y, shape, l.resultDtype())};
}

LogicalResult SoftmaxOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  HostTensor y = operands[0];
  int64_t axis = axisFromFront(getAxis(), y.shape.size()), length = y.shape[axis], inner = 1;
  for (int64_t size : ArrayRef(y.shape).drop_front(axis + 1)) inner *= size;
  int64_t lines = y.size() == 0 ? 0 : y.size() / length;
  for (int64_t line = 0; line < lines; ++line) {
    int64_t start = line / inner * inner * length + line % inner;
    auto at = [&](int64_t i) -> Jet & { return y.floats[start + i * inner]; };
    double largest = at(0).v; // a shift: not differentiated
    for (int64_t i = 1; i < length; ++i) largest = std::max(largest, at(i).v);
    Jet sum;
    for (int64_t i = 0; i < length; ++i) {
      at(i) = exp(at(i) - Jet(largest));
      sum = sum + at(i);
    }
    for (int64_t i = 0; i < length; ++i) at(i) = at(i) / sum;
  }
  results[0] = std::move(y);
  return success();
}

/// Per element: comparison, difference, exponential, sum, quotient.
uint64_t SoftmaxOp::flops() { return 5 * uint64_t(elementCount(shapeOf(getType())).high()); }
