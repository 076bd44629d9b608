// cumsum and cumprod: y_i = the sum (product) of x_0 ... x_i along an axis, in order, the running value in compute
// type.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/lines.h"
#include "dialects/graph/loop_writer.h"

using namespace mlir;
using namespace graphc::graph;

static LogicalResult inferCumulative(std::optional<Location> location, StringRef mnemonic, ValueRange operands,
                                     int64_t axis, SmallVectorImpl<Type> &types) {
  auto x = operandType(location, mnemonic, operands, 0, numberDtypes);                               // (C2)
  if (failed(x) || failed(checkedAxis(location, axis, x->getRank(), "axis", "x"))) return failure(); // (C1)
  types.push_back(*x);
  return success();
}

struct Running {
  int64_t axis;
  bool product, exclusive, reverse;
};
template <typename Op> static Running runningOf(Op op, bool product) {
  return {axisFromFront(op.getAxis(), op.getX().getType().getRank()), product, op.getExclusive(), op.getReverse()};
}

static SmallVector<Value> lowerCumulative(Lowering &l, Running how) {
  Dtype dtype = l.resultDtype();
  Type type = l.computeType(dtype);
  TypedAttr init = l.getZeroAttr(type);
  if (how.product) init = isFloat(dtype) ? TypedAttr(l.getFloatAttr(type, 1)) : l.getIntegerAttr(type, 1);
  LoopWriter w(l, l.in[0], lineSizes(l.operandShape(0), how.axis),
               LoopWriter::Out{l.resultShape(), l.plainElement(dtype)});
  Value outer = w.size(0), length = w.size(1), inner = w.size(2), start = w.create<arith::ConstantOp>(init);
  w.nest({outer, inner}, [&](ValueRange line) {
    Value first = w.add(w.mul(line[0], w.mul(length, inner)), line[1]);
    w.loop(w.index(0), length, start, [&](Value i, ValueRange carried) -> LoopWriter::Values {
      Value place = how.reverse ? w.sub(w.sub(length, i), w.index(1)) : i;
      Value at = w.add(first, w.mul(place, inner));
      ScalarBuilder b(w.getLoc(), w, dtype, dtype);
      Value x = w.loadComputed(w.in(0), at, dtype);
      Value next = how.product ? b.mul(carried[0], x) : b.add(carried[0], x);
      w.storeComputed(how.exclusive ? carried[0] : next, w.out(0), at, dtype);
      return {next};
    });
  });
  return w.results();
}

static LogicalResult evaluateCumulative(const HostTensor &x, Running how, HostTensor &y) {
  forEachLine(x, how.axis, [&](ArrayRef<int64_t> line) {
    SmallVector<int64_t> order(line);
    if (how.reverse) std::reverse(order.begin(), order.end());
    Number state(Jet(how.product));
    state.integer = how.product;
    for (int64_t i : order) {
      if (how.exclusive) setElement(y, i, state);
      Number one = elementAt(x, i);
      state.real = how.product ? state.real * one.real : state.real + one.real;
      uint64_t a = state.integer, b = one.integer;
      state.integer = int64_t(how.product ? a * b : a + b);
      if (!how.exclusive) setElement(y, i, state);
    }
  });
  return success();
}

// cumsum
LogicalResult CumsumOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  return inferCumulative(location, "cumsum", adaptor.getOperands(), adaptor.getAxis(), types);
}
FailureOr<SmallVector<Value>> CumsumOp::lower(Lowering &l) { return lowerCumulative(l, runningOf(*this, false)); }
LogicalResult CumsumOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateCumulative(operands[0], runningOf(*this, false), results[0]);
}
Dim CumsumOp::flops() { return elementCount(shapeOf(getType())); }

// cumprod
LogicalResult CumprodOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferCumulative(location, "cumprod", adaptor.getOperands(), adaptor.getAxis(), types);
}
FailureOr<SmallVector<Value>> CumprodOp::lower(Lowering &l) { return lowerCumulative(l, runningOf(*this, true)); }
LogicalResult CumprodOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateCumulative(operands[0], runningOf(*this, true), results[0]);
}
Dim CumprodOp::flops() { return elementCount(shapeOf(getType())); }
