// softmax: y_i = e^(x_i - m) / sum_j e^(x_j - m), m = max_j x_j, and log_softmax, its logarithm without the detour. A
// row with a NaN or +infinity, or of nothing but -infinity, is NaN.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/lines.h"
#include "dialects/graph/log_sum_exp.h"
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
  Shape shape = l.resultShape(), line = shape;
  int64_t axis = axisFromFront(getAxis(), shape.size());
  line[axis] = 1;
  Reduction r(l, axis);
  // One instruction (vmaxps), which may lose a NaN: the sum is NaN all the same.
  auto larger = [](ScalarBuilder &b, Value best, ValueRange x) {
    return b.select(b.compare(ScalarBuilder::Relation::Greater, x[0], best), x[0], best);
  };
  auto exponential = [](ScalarBuilder &b, ValueRange x) { return b.exp(b.sub(x[0], x[1])); };
  Value largest = r.sweep(r.real(-INFINITY), larger);
  auto add = [&](ScalarBuilder &b, Value sum, ValueRange x) { return b.add(sum, exponential(b, x)); };
  Value factor = r.map(r.sweep(r.real(0), add, largest),
                       [](ScalarBuilder &b, ValueRange x) { return b.div(b.number(x[0], 1), x[0]); });
  // The same exponential as in the sum: where both are one group it is computed once.
  SmallVector<Value> ins{l.in[0], l.reshape(largest, r.kept, line), l.reshape(factor, r.kept, line)};
  Value y = l.elementwise(ins, {shape, line, line}, shape, l.plainElement(r.dtype),
                          [&](ImplicitLocOpBuilder &b, ValueRange x) {
                            ScalarBuilder builder(b.getLoc(), b, r.dtype, r.dtype);
                            Value e = exponential(builder, {Lowering::toCompute(b, x[0], r.dtype), x[1]});
                            return Lowering::toStored(b, builder.mul(e, x[2]), r.dtype);
                          });
  return SmallVector<Value>{y};
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
// The Jacobian is symmetric: both modes are y (v - sum of y v).
static Value timesJacobian(RuleBuilder &b, SoftmaxOp op, Value v) {
  int64_t axis = axisFromFront(op.getAxis(), typeOf(v).getRank());
  return b.mul(op.getY(), b.sub(v, b.sum(b.mul(op.getY(), v), axis, /*keepDims=*/true)));
}
void SoftmaxOp::jvp(RuleBuilder &b, JvpState &state) { state.set(0, timesJacobian(b, *this, state.in(0))); }
void SoftmaxOp::vjp(RuleBuilder &b, VjpState &state) { state.sums[0] = timesJacobian(b, *this, state.ct()); }

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
void LogSoftmaxOp::jvp(RuleBuilder &b, JvpState &state) {
  int64_t axis = axisFromFront(getAxis(), typeOf(getX()).getRank());
  state.set(0, b.sub(state.in(0), b.sum(b.mul(b.exp(getY()), state.in(0)), axis, /*keepDims=*/true)));
}
void LogSoftmaxOp::vjp(RuleBuilder &b, VjpState &state) {
  int64_t axis = axisFromFront(getAxis(), typeOf(getX()).getRank());
  state.sums[0] = b.sub(state.ct(), b.mul(b.exp(getY()), b.sum(state.ct(), axis, /*keepDims=*/true)));
}
