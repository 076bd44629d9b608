// cumsum and cumprod: y_i = the sum (product) of x_0 ... x_i along an axis, in order, the running value in compute
// type.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/lines.h"
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/permute_axes.h"

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
Value CumsumOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  return createLike(b, *this, ct[0], b.getNamedAttr("reverse", b.getBoolAttr(!getReverse())))->getResult(0);
}

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
// With factors F[j, i] = the product of the x between j and i: y'_i = sum over j <= i of E_j x'_j F[j, i], E the
// exclusive running product. No division, so zeros need no case of their own; the price is a matrix per line.
namespace {
struct RunningFactors {
  Value lines; // x as [lines, n]: the axis last
  Value terms; // [lines, n, n]: what x'_j adds to y'_i, at j, i; 0 where it adds nothing
  Permutation toLast;
  Shape moved;
};
} // namespace
static RunningFactors runningFactors(RuleBuilder &b, CumprodOp op) {
  RunningFactors f;
  Shape shape = shapeOf(op.getX());
  int64_t rank = shape.size(), axis = axisFromFront(int64_t(op.getAxis()), rank);
  for (int64_t i = 0; i < rank; ++i)
    if (i != axis) f.toLast.push_back(i);
  f.toLast.push_back(axis);
  Dim n = shape[axis], count = 1;
  for (int64_t i : f.toLast) {
    f.moved.push_back(shape[i]);
    if (i != axis) count = count * shape[i];
  }
  f.lines = b.reshape(b.permute(op.getX(), f.toLast), {count, n});
  Type position = b.indexType(n);
  Value j = b.positions({n, Dim(1)}, position), i = b.positions({Dim(1), n}, position, 1);
  bool reverse = op.getReverse(), exclusive = op.getExclusive();
  Value before = reverse ? b.less(i, j) : b.less(j, i); // y_i comes after x_j
  Value square = b.select(before, b.reshape(f.lines, {count, Dim(1), n}), b.number(op.getX(), 1));
  auto running = [&](Value x, int64_t along, bool leavesOut) -> Value {
    return b.create<CumprodOp>(x, along, leavesOut, reverse);
  };
  Value between = running(square, 2, exclusive);
  Value leading = b.reshape(running(f.lines, 1, true), {count, n, Dim(1)});
  Value applies = exclusive ? before : reverse ? b.lessEqual(i, j) : b.lessEqual(j, i);
  f.terms = b.only(applies, b.mul(leading, between));
  return f;
}
void CumprodOp::jvp(RuleBuilder &b, JvpState &state) {
  RunningFactors f = runningFactors(b, *this);
  Shape row = shapeOf(f.lines);
  Value tangent = b.reshape(b.permute(state.in(0), f.toLast), {row[0], row[1], Dim(1)});
  state.set(0, b.permute(b.reshape(b.sum(b.mul(f.terms, tangent), 1), f.moved), inverse(f.toLast)));
}
void CumprodOp::vjp(RuleBuilder &b, VjpState &state) {
  RunningFactors f = runningFactors(b, *this);
  Shape row = shapeOf(f.lines);
  Value ct = b.reshape(b.permute(state.ct(), f.toLast), {row[0], Dim(1), row[1]});
  state.sums[0] = b.permute(b.reshape(b.sum(b.mul(f.terms, ct), 2), f.moved), inverse(f.toLast));
}
