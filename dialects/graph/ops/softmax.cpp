// softmax: y_i = e^(x_i - m) / sum_j e^(x_j - m), m = max_j x_j, and log_softmax, its logarithm without the detour. A
// row with a NaN or +infinity, or of nothing but -infinity, is NaN.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/lines.h"
#include "dialects/graph/log_sum_exp.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;

static LogicalResult inferAlongAxis(std::optional<Location> location, StringRef mnemonic, ValueRange operands,
                                    int64_t axis, SmallVectorImpl<Type> &types) {
  auto x = operandType(location, mnemonic, operands, 0, floatDtypes);                                // (C2)
  if (failed(x) || failed(checkedAxis(location, axis, x->getRank(), "axis", "x"))) return failure(); // (C1)
  types.push_back(*x);
  return success();
}

// softmax
LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferAlongAxis(location, "softmax", adaptor.getOperands(), adaptor.getAxis(), types);
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
  forEachLine(y, axisFromFront(getAxis(), y.shape.size()), [&](ArrayRef<int64_t> line) {
    double largest = y.floats[line[0]].v; // a shift: not differentiated
    for (int64_t i : line) largest = std::max(largest, y.floats[i].v);
    Jet sum;
    for (int64_t i : line) {
      y.floats[i] = exp(y.floats[i] - Jet(largest));
      sum = sum + y.floats[i];
    }
    for (int64_t i : line) y.floats[i] = y.floats[i] / sum;
  });
  results[0] = std::move(y);
  return success();
}

/// Per element: comparison, difference, exponential, sum, quotient.
Dim SoftmaxOp::flops() { return 5 * elementCount(shapeOf(getType())); }

// log_softmax
LogicalResult LogSoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  return inferAlongAxis(location, "log_softmax", adaptor.getOperands(), adaptor.getAxis(), types);
}

FailureOr<SmallVector<Value>> LogSoftmaxOp::lower(Lowering &l) {
  Shape shape = l.resultShape(), line = shape;
  int64_t axis = axisFromFront(getAxis(), shape.size());
  line[axis] = 1;
  Reduction r(l, axis);
  Value largest = r.largest();
  auto add = [](ScalarBuilder &b, Value sum, ValueRange x) { return b.add(sum, b.exp(b.sub(x[0], x[1]))); };
  Value log = r.map(r.sweep(r.real(0), add, largest),
                    [](ScalarBuilder &b, ValueRange x) -> Value { return b.create<math::LogOp>(x[0]); });
  SmallVector<Value> ins{l.in[0], l.reshape(largest, r.kept, line), l.reshape(log, r.kept, line)};
  Value y = l.elementwise(ins, {shape, line, line}, shape, l.plainElement(r.dtype),
                          [&](ImplicitLocOpBuilder &b, ValueRange x) {
                            Value shifted = b.create<arith::SubFOp>(Lowering::toCompute(b, x[0], r.dtype), x[1]);
                            return Lowering::toStored(b, b.create<arith::SubFOp>(shifted, x[2]), r.dtype);
                          });
  return SmallVector<Value>{y};
}

LogicalResult LogSoftmaxOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  forEachLine(x, axisFromFront(getAxis(), x.shape.size()), [&](ArrayRef<int64_t> line) {
    SmallVector<Jet> row;
    for (int64_t i : line) row.push_back(x.floats[i]);
    Jet sum = logSumExp(row);
    if (std::isinf(sum.v)) sum = Jet(NAN); // as of a row with +infinity, or of nothing but -infinity
    for (int64_t i : line) results[0].floats[i] = x.floats[i] - sum;
  });
  return success();
}

/// Per element: comparison, difference, exponential, sum, difference.
Dim LogSoftmaxOp::flops() { return 5 * elementCount(shapeOf(getType())); }
