// Reductions: per op what it does to the elements that become one, as code and as evaluation. Shapes, sweeps and the
// oracle's loop are in reduction.h.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/log_sum_exp.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/stackable.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;
using Lowered = FailureOr<SmallVector<Value>>;

template <typename Op> static Reduction reductionOf(Op op, Lowering &l) {
  return Reduction(l, reducedAxes(op.getX().getType().getRank(), op.getAxis(), op.getKeepAxis()));
}
template <typename Op>
static LogicalResult evaluateBy(Op op, const HostTensor &x, HostTensor &result,
                                function_ref<Number(ArrayRef<Number>)> function) {
  evaluateReduction(x, reducedAxes(x.shape.size(), op.getAxis(), op.getKeepAxis()), function, result);
  return success();
}

/// x's shape with 1 in place of the axes that go, in which a result of any keep_dims broadcasts over x.
template <typename Op> static Value overX(RuleBuilder &b, Op op, Value y) {
  Shape shape = shapeOf(op.getX());
  for (int64_t axis : reducedAxes(shape.size(), op.getAxis(), op.getKeepAxis())) shape[axis] = 1;
  return b.reshape(y, shape);
}
template <typename Op> static Dim reducedCount(Op op) {
  Shape shape = shapeOf(op.getX());
  Dim count = 1;
  for (int64_t axis : reducedAxes(shape.size(), op.getAxis(), op.getKeepAxis())) count = count * shape[axis];
  return count;
}
/// The rules of y = f(x) whose derivative by each element is a factor, a tensor like x.
template <typename Op> static void jvpByFactor(RuleBuilder &b, Op op, Value factor, JvpState &state) {
  Shape shape = shapeOf(op.getX());
  Value sum = b.sum(b.mul(factor, state.in(0)), reducedAxes(shape.size(), op.getAxis(), op.getKeepAxis()));
  state.set(0, b.reshape(sum, shapeOf(op.getY())));
}
template <typename Op> static void vjpByFactor(RuleBuilder &b, Op op, Value factor, VjpState &state) {
  state.sums[0] = b.mul(factor, overX(b, op, state.ct()));
}

/// By halves, so that in f64 the oracle errs less than what it judges.
static Number sumOf(ArrayRef<Number> x) {
  Number sum;
  if (x.size() > 8) {
    Number low = sumOf(x.take_front(x.size() / 2)), high = sumOf(x.drop_front(x.size() / 2));
    sum = Number(low.real + high.real);
    sum.integer = int64_t(uint64_t(low.integer) + uint64_t(high.integer));
    return sum;
  }
  Jet real;
  uint64_t whole = 0;
  for (const Number &one : x) real = real + one.real, whole += uint64_t(one.integer);
  sum = Number(real);
  sum.integer = int64_t(whole);
  return sum;
}
static Jet meanOf(ArrayRef<Number> x) { return sumOf(x).real / Jet(double(x.size())); }

// sum
Lowered SumOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  return SmallVector<Value>{r.result(r.sum())};
}
LogicalResult SumOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0], sumOf);
}
Value SumOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  return b.broadcast(overX(b, *this, ct[0]), shapeOf(getX()));
}

// prod
Lowered ProdOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  TypedAttr one = isFloat(r.dtype) ? r.real(1) : r.integer(1);
  return SmallVector<Value>{
      r.result(r.sweep(one, [](ScalarBuilder &b, Value product, ValueRange x) { return b.mul(product, x[0]); }))};
}
LogicalResult ProdOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0], [](ArrayRef<Number> x) {
    Number product(Jet(1));
    uint64_t whole = 1;
    for (const Number &one : x) product.real = product.real * one.real, whole *= uint64_t(one.integer);
    product.integer = int64_t(whole);
    return product;
  });
}
/// The product of the other elements: what stands before times what stands behind. No division, so zeros are no
/// exception.
static Value factorOf(RuleBuilder &b, ProdOp op) {
  Shape shape = shapeOf(op.getX());
  Axes gone = reducedAxes(shape.size(), op.getAxis(), op.getKeepAxis());
  Permutation toLast;
  Shape moved;
  for (int64_t i = 0, rank = shape.size(); i < rank; ++i)
    if (!llvm::is_contained(gone, i)) toLast.push_back(i);
  toLast.append(gone);
  for (int64_t i : toLast) moved.push_back(shape[i]);
  Dim kept = elementCount(ArrayRef(moved).drop_back(gone.size())), count = reducedCount(op);
  Value lines = b.reshape(b.permute(op.getX(), toLast), {kept, count});
  Value before = b.create<CumprodOp>(lines, 1, /*exclusive=*/true), behind = b.create<CumprodOp>(lines, 1, true, true);
  return b.permute(b.reshape(b.mul(before, behind), moved), inverse(toLast));
}
void ProdOp::jvp(RuleBuilder &b, JvpState &state) { jvpByFactor(b, *this, factorOf(b, *this), state); }
void ProdOp::vjp(RuleBuilder &b, VjpState &state) { vjpByFactor(b, *this, factorOf(b, *this), state); }

// mean
Lowered MeanOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  return SmallVector<Value>{r.result(r.divideByCount(r.sum()))};
}
LogicalResult MeanOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0], [](ArrayRef<Number> x) -> Number { return meanOf(x); });
}
Value MeanOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  Value share = b.div(overX(b, *this, ct[0]), b.size(reducedCount(*this), typeOf(getX()).getElementType()));
  return b.broadcast(share, shapeOf(getX()));
}

// variance: differences are squared, not squares subtracted, which would cancel.
Lowered VarianceOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  Value mean = r.divideByCount(r.sum());
  auto add = [](ScalarBuilder &b, Value sum, ValueRange x) {
    Value difference = b.sub(x[0], x[1]);
    return b.add(sum, b.mul(difference, difference));
  };
  return SmallVector<Value>{r.result(r.divideByCount(r.sweep(r.real(0), add, mean)))};
}
LogicalResult VarianceOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0], [](ArrayRef<Number> x) -> Number {
    Jet mean = meanOf(x);
    SmallVector<Number> squares;
    for (const Number &one : x) squares.push_back((one.real - mean) * (one.real - mean));
    return meanOf(squares);
  });
}
std::optional<Advice> VarianceOp::advise() {
  if (!reducedCount(*this).is(1)) return std::nullopt;
  return Advice{"G7007", "takes the variance of 1 value, which is 0", /*ofSizes=*/true};
}
static Value factorOf(RuleBuilder &b, VarianceOp op) {
  Axes gone = reducedAxes(typeOf(op.getX()).getRank(), op.getAxis(), op.getKeepAxis());
  Value mean = b.op<MeanOp>(op.getX(), {b.ints("axis", gone), b.flag("keep_dims")});
  Value doubled = b.mul(b.sub(op.getX(), mean), 2);
  return b.div(doubled, b.size(reducedCount(op), typeOf(op.getX()).getElementType()));
}
void VarianceOp::jvp(RuleBuilder &b, JvpState &state) { jvpByFactor(b, *this, factorOf(b, *this), state); }
void VarianceOp::vjp(RuleBuilder &b, VjpState &state) { vjpByFactor(b, *this, factorOf(b, *this), state); }

/// The first element that comes before all others; a NaN comes before everything. Equals share the derivative.
static Number extreme(ArrayRef<Number> x, function_ref<bool(const Number &, const Number &)> before) {
  Number best = x[0];
  for (const Number &one : x.drop_front()) {
    if (best.isReal() && std::isnan(best.real.v)) break;
    bool nan = one.isReal() && std::isnan(one.real.v);
    if (nan || before(one, best)) best = one;
  }
  if (!best.isReal() || std::isnan(best.real.v)) return best;
  Jet shared;
  double count = 0;
  for (const Number &one : x)
    if (equals(one, best)) shared = shared + one.real, ++count;
  shared = shared / Jet(count);
  return Jet(best.real.v, shared.d1, shared.d2, shared.d12);
}
// reduce_max
Lowered ReduceMaxOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  return SmallVector<Value>{r.result(r.largest())};
}
LogicalResult ReduceMaxOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  auto above = [](const Number &a, const Number &b) { return lessThan(b, a); };
  return evaluateBy(*this, operands[0], results[0], [&](ArrayRef<Number> x) { return extreme(x, above); });
}
/// Shared equally by all that are equal to the result.
template <typename Op> static Value sharesOfEquals(RuleBuilder &b, Op op) {
  Value isIt = b.equal(op.getX(), overX(b, op, op.getY()));
  Value one = b.cast(isIt, typeOf(op.getX()).getElementType());
  Axes gone = reducedAxes(typeOf(op.getX()).getRank(), op.getAxis(), op.getKeepAxis());
  return b.div(one, b.sum(one, gone, /*keepDims=*/true));
}
void ReduceMaxOp::jvp(RuleBuilder &b, JvpState &state) { jvpByFactor(b, *this, sharesOfEquals(b, *this), state); }
void ReduceMaxOp::vjp(RuleBuilder &b, VjpState &state) { vjpByFactor(b, *this, sharesOfEquals(b, *this), state); }

// reduce_min
Lowered ReduceMinOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  return SmallVector<Value>{r.result(r.least())};
}
LogicalResult ReduceMinOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0], [](ArrayRef<Number> x) { return extreme(x, lessThan); });
}
void ReduceMinOp::jvp(RuleBuilder &b, JvpState &state) { jvpByFactor(b, *this, sharesOfEquals(b, *this), state); }
void ReduceMinOp::vjp(RuleBuilder &b, VjpState &state) { vjpByFactor(b, *this, sharesOfEquals(b, *this), state); }

// logsumexp
Lowered LogsumexpOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  Value shift = r.finiteOrZero(r.largest());
  Value sum = r.sweep(
      r.real(0), [](ScalarBuilder &b, Value sum, ValueRange x) { return b.add(sum, b.exp(b.sub(x[0], x[1]))); }, shift);
  return SmallVector<Value>{r.result(
      r.map({sum, shift}, [](ScalarBuilder &b, ValueRange x) { return b.add(b.create<math::LogOp>(x[0]), x[1]); }))};
}
LogicalResult LogsumexpOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0], [](ArrayRef<Number> x) -> Number {
    SmallVector<Jet> reals;
    for (const Number &one : x) reals.push_back(one.real);
    return logSumExp(reals);
  });
}
static Value factorOf(RuleBuilder &b, LogsumexpOp op) { return b.exp(b.sub(op.getX(), overX(b, op, op.getY()))); }
void LogsumexpOp::jvp(RuleBuilder &b, JvpState &state) { jvpByFactor(b, *this, factorOf(b, *this), state); }
void LogsumexpOp::vjp(RuleBuilder &b, VjpState &state) { vjpByFactor(b, *this, factorOf(b, *this), state); }

// all, any: bytes in memory, normalized to 0 and 1 as they are read.
static Value combineBools(Reduction &r, bool all) {
  return r.sweep(r.integer(all), [&](ScalarBuilder &b, Value state, ValueRange x) -> Value {
    Value byte = b.create<arith::ExtUIOp>(state.getType(), x[0]);
    if (all) return b.create<arith::AndIOp>(state, byte);
    return b.create<arith::OrIOp>(state, byte);
  });
}
static bool isTrue(const Number &x) { return x.integer != 0; }

Lowered AllOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  return SmallVector<Value>{r.result(combineBools(r, true))};
}
LogicalResult AllOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0],
                    [](ArrayRef<Number> x) { return Number::of(llvm::all_of(x, isTrue)); });
}

Lowered AnyOp::lower(Lowering &l) {
  Reduction r = reductionOf(*this, l);
  return SmallVector<Value>{r.result(combineBools(r, false))};
}
LogicalResult AnyOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateBy(*this, operands[0], results[0],
                    [](ArrayRef<Number> x) { return Number::of(llvm::any_of(x, isTrue)); });
}

namespace {
template <class Op> Axes axesBehindTurns(Op op) {
  Axes axes = reducedAxes(typeOf(op.getX()).getRank(), op.getAxis(), op.getKeepAxis());
  for (int64_t &axis : axes) ++axis;
  return axes;
}

template <class Op> struct StackableReduction : Stackable::ExternalModel<StackableReduction<Op>, Op> {
  SmallVector<Value> createStacked(Operation *op, RuleBuilder &b, ValueRange x, ArrayRef<bool>) const {
    return {createLike(b, op, x, b.ints("axis", axesBehindTurns(cast<Op>(op))), {"keep_axis"})->getResult(0)};
  }
  /// A sum over turns of sums.
  Value createSummed(Operation *op, RuleBuilder &b, ValueRange x) const {
    auto sum = dyn_cast<SumOp>(op);
    if (!sum) return {};
    Dtype dtype = *dtypeOf(typeOf(sum.getX()).getElementType());
    Axes axes = axesBehindTurns(sum);
    axes.insert(axes.begin(), 0);
    Value terms = dtype == Dtype::F16 || dtype == Dtype::BF16 ? b.cast(x[0], b.getF32Type()) : x[0];
    return b.reshape(b.sum(terms, axes), shapeOf(sum.getY()));
  }
};

template <class... Ops> void attachToReductions(MLIRContext &context) {
  (Ops::template attachInterface<StackableReduction<Ops>>(context), ...);
}
} // namespace

void graphc::graph::attachStackableReductions(MLIRContext &context) {
  attachToReductions<SumOp, ProdOp, MeanOp, VarianceOp, ReduceMaxOp, ReduceMinOp, LogsumexpOp, AllOp, AnyOp>(context);
}
