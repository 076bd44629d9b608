// sin, cos, tan: x = n pi / 2 + r with r a Pair, then polynomials in r. Up to a bound n pi / 2 is taken off in three
// parts of pi / 2, exactly; an argument beyond it takes reduceLargeAngle, in a branch that is entered only if a lane
// needs it.
#include "compiler/lower/kernels/math_coefficients.h"
#include "compiler/lower/kernels/math_families.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
ReducedAngle reduceSmallAngle(Expander &e, Value x) {
  Value t = e.fma(x, e.f(e.choose(0x1.45f306dc9c883p-1, 0x1.45f306p-1)), e.f(e.shifter()));
  Value n = e.sub(t, e.f(e.shifter()));
  Pair first = e.twoProduct(n, e.f(e.choose(0x1.921fb54442d18p+0, 0x1.921fb6p+0)));
  Value rest = e.sub(e.sub(x, first.high), first.low); // exact: a multiple of the spacing at pi / 2 and below 1
  Pair second = e.twoProduct(n, e.f(e.choose(0x1.1a62633145c07p-54, -0x1.777a5cp-25)));
  Pair r = e.twoSum(rest, e.neg(second.high));
  Value third = e.fma(n, e.f(e.choose(0x1.f1976b7ed8fbcp-110, 0x1.ee59dap-50)), e.neg(second.low));
  return {e.fastTwoSum(r.high, e.add(r.low, third)), e.subInt(e.asBits(t), e.asBits(e.f(e.shifter())))};
}

ReducedAngle reduceAngle(Expander &e, Value x) {
  Value large = e.compare(arith::CmpFPredicate::OGE, e.abs(x), e.f(e.choose(0x1p25, 0x1p12)));
  large = e.create<arith::AndIOp>(large, e.less(e.abs(x), e.f(infinity)));
  ReducedAngle small = reduceSmallAngle(e, x);
  Value any = large;
  if (isa<VectorType>(large.getType())) any = e.create<vector::ReductionOp>(vector::CombiningKind::OR, large);
  auto branch = e.create<scf::IfOp>(TypeRange{e.real, e.real, e.bits}, any, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(branch.thenBlock());
  ReducedAngle angle = reduceLargeAngle(e, x);
  e.create<scf::YieldOp>(ValueRange{e.select(large, angle.rest.high, small.rest.high),
                                    e.select(large, angle.rest.low, small.rest.low),
                                    e.select(large, angle.quadrant, small.quadrant)});
  e.setInsertionPointToStart(branch.elseBlock());
  e.create<scf::YieldOp>(ValueRange{small.rest.high, small.rest.low, small.quadrant});
  return {{branch.getResult(0), branch.getResult(1)}, branch.getResult(2)};
}

Pair select(Expander &e, Value condition, Pair yes, Pair no) {
  return {e.select(condition, yes.high, no.high), e.select(condition, yes.low, no.low)};
}

/// sin and cos of the rest, for |r| up to pi / 4; the low part is up to a third of the high one.
Pair sinOfRest(Expander &e, Pair r) {
  Value z = e.mul(r.high, r.high);
  Value p = e.mul(z, e.polynomial(z, coefficients::sin64, coefficients::sin32));
  Value low = e.fma(e.mul(z, e.f(-0.5)), r.low, r.low);
  return {r.high, e.fma(r.high, p, low)};
}

Pair cosOfRest(Expander &e, Pair r) {
  Value z = e.mul(r.high, r.high), half = e.mul(e.f(0.5), z), high = e.sub(e.f(1), half);
  Value p = e.mul(z, e.polynomial(z, coefficients::cos64, coefficients::cos32));
  Value low = e.sub(e.mul(z, p), e.mul(r.high, r.low));
  return {high, e.add(e.sub(e.sub(e.f(1), high), half), low)};
}

Value isSet(Expander &e, Value quadrant, int64_t bit) { return e.equalInt(e.bitAnd(quadrant, e.i(bit)), e.i(bit)); }

/// The sine of the angle `quarters` further on.
Value sinFrom(Expander &e, Value x, int64_t quarters) {
  ReducedAngle angle = reduceAngle(e, x);
  Value quadrant = e.addInt(angle.quadrant, e.i(quarters));
  Pair parts = select(e, isSet(e, quadrant, 1), cosOfRest(e, angle.rest), sinOfRest(e, angle.rest));
  Value result = e.add(parts.high, parts.low);
  result = e.select(isSet(e, quadrant, 2), e.neg(result), result);
  return e.select(e.less(e.abs(x), e.f(infinity)), result, e.f(notANumber));
}

/// x where its cube is past the last bit; -0 and the denormals stay.
Value orTiny(Expander &e, Value x, Value result) {
  return e.select(e.less(e.abs(x), e.f(e.choose(0x1p-28, 0x1p-13))), x, result);
}
} // namespace

Value graphc::lower::expandSin(Expander &e, Value x) { return orTiny(e, x, sinFrom(e, x, 0)); }

Value graphc::lower::expandCos(Expander &e, Value x) { return sinFrom(e, x, 1); }

Value graphc::lower::expandTan(Expander &e, Value x) {
  ReducedAngle angle = reduceAngle(e, x);
  Pair sin = sinOfRest(e, angle.rest), cos = cosOfRest(e, angle.rest);
  sin = e.fastTwoSum(sin.high, sin.low);
  cos = e.fastTwoSum(cos.high, cos.low);
  Value odd = isSet(e, angle.quadrant, 1);
  Pair minusCos{e.neg(cos.high), e.neg(cos.low)};
  Pair q = e.quotient(select(e, odd, minusCos, sin), select(e, odd, sin, cos));
  Value result = e.add(q.high, q.low);
  return orTiny(e, x, e.select(e.less(e.abs(x), e.f(infinity)), result, e.f(notANumber)));
}
