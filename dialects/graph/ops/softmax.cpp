// softmax: y_i = e^(x_i - m) / sum_j e^(x_j - m), m = max_j x_j. A row with a NaN or +infinity, or of nothing but
// -infinity, is NaN.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/operand_type.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "softmax", adaptor.getOperands(), 0, Dtype::F32); // (C2)
  if (failed(x) || failed(checkedAxis(location, adaptor.getAxis(), x->getRank(), "axis", "x")))
    return failure(); // (C1)
  types.push_back(RankedTensorType::get(x->getShape(), x->getElementType()));
  return success();
}

FailureOr<SmallVector<Value>> SoftmaxOp::lower(OpBuilder &builder) {
  auto type = getType();
  Value empty = builder.create<tensor::EmptyOp>(getLoc(), type.getShape(), type.getElementType());
  auto axis = uint64_t(axisFromFront(getAxis(), type.getRank()));
  return SmallVector<Value>{
      builder.create<linalg::SoftmaxOp>(getLoc(), TypeRange(type), getX(), empty, axis).getResult()[0]};
}

LogicalResult SoftmaxOp::evaluate(ArrayRef<HostTensor> operands, SmallVectorImpl<HostTensor> &results) {
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
  y.round();
  results.push_back(std::move(y));
  return success();
}

/// Per element: comparison, difference, exponential, sum, quotient.
uint64_t SoftmaxOp::flops() { return 5 * uint64_t(getType().getNumElements()); }
