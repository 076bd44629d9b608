// asin, acos, atan, atan2: reduced to a short interval, then an odd polynomial; roots and quotients are Pairs, and so
// are the multiples of pi / 4 added in the end.
#include "compiler/lower/kernels/math_coefficients.h"
#include "compiler/lower/kernels/math_families.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
Value quarterPi(Expander &e, int count) { return e.f(count * e.choose(0x1.921fb54442d18p-1, 0x1.921fb6p-1)); }
Value quarterPiLow(Expander &e, int count) { return e.f(count * e.choose(0x1.1a62633145c07p-55, -0x1.777a5cp-26)); }

/// asin near 0, and what the larger half of the interval needs: asin(|x|) = pi / 2 - 2 root.
struct ArcParts {
  Value size, large; // |x|; |x| > 1/2
  Pair arc;          // asin(|x|), or asin(sqrt((1 - |x|) / 2)) where `large`
};

ArcParts arcParts(Expander &e, Value x) {
  Value size = e.abs(x), large = e.greater(size, e.f(0.5));
  Value half = e.mul(e.f(0.5), e.sub(e.f(1), size)); // exact where it is used
  Value root = e.sqrt(half);
  Pair back = e.twoProduct(root, root);
  Value low = e.div(e.sub(e.sub(half, back.high), back.low), e.add(root, root));
  low = e.select(e.greater(root, e.f(0)), low, e.f(0));
  Value z = e.select(large, half, e.mul(size, size)), s = e.select(large, root, size);
  low = e.select(large, low, e.f(0));
  Value p = e.mul(z, e.polynomial(z, coefficients::asin64, coefficients::asin32));
  return {size, large, {s, e.fma(s, p, low)}};
}

/// atan(over / under) for over, under >= 0 and finite, not both 0, plus `offset` quarters of pi where `negated` is
/// false, else `offset` quarters less it: the angle of atan2 before its sign.
Value angleOf(Expander &e, Value over, Value under, Value offset, Value negated) {
  // Now the quotient is at most 1; above tan(pi / 8) it is turned by pi / 4.
  Value swap = e.greater(over, under);
  Value least = e.select(swap, under, over), most = e.select(swap, over, under);
  Value turn = e.greater(least, e.mul(most, e.f(0.41421356237309503)));
  Pair difference = e.twoSum(least, e.neg(most)), sum = e.twoSum(least, most);
  Value zero = e.f(0);
  Pair top{e.select(turn, difference.high, least), e.select(turn, difference.low, zero)};
  Pair bottom{e.select(turn, sum.high, most), e.select(turn, sum.low, zero)};
  Pair q = e.quotient(top, bottom);
  // Of a tiny quotient the remainder could underflow; it is not needed where no angle is added to.
  q.low = e.select(e.less(e.abs(q.high), e.f(e.choose(0x1p-300, 0x1p-50))), zero, q.low);
  Value z = e.mul(q.high, q.high);
  Value tail = e.fma(q.high, e.mul(z, e.polynomial(z, coefficients::atan64, coefficients::atan32)), q.low);
  // pi / 2 less it where swapped; then offset plus or less that. quarters + flip * (q + tail) in all.
  Value quarters = e.select(turn, e.f(1), zero);
  quarters = e.select(swap, e.sub(e.f(2), quarters), quarters);
  quarters = e.select(negated, e.sub(offset, quarters), quarters);
  Value flip = e.create<arith::XOrIOp>(swap, negated);
  Value high = e.select(flip, e.neg(q.high), q.high), low = e.select(flip, e.neg(tail), tail);
  Pair result = e.fastTwoSum(e.mul(quarters, quarterPi(e, 1)), high); // 3 pi / 4 rounds: see its low part
  Value base = e.mul(quarters, quarterPiLow(e, 1));
  Value three = e.equal(quarters, e.f(3));
  double lost = e.choose(0x0.0p+0, 0x1.0000000000000p-24); // 3 times the high part of pi / 4, less what it rounds to
  base = e.select(three, e.f(e.choose(3 * 0x1.1a62633145c07p-55, 3 * -0x1.777a5cp-26) + lost), base);
  return e.add(result.high, e.add(result.low, e.add(base, low)));
}
} // namespace

Value graphc::lower::expandAsin(Expander &e, Value x) {
  ArcParts parts = arcParts(e, x);
  auto [high, low] = parts.arc;
  Pair sum = e.fastTwoSum(quarterPi(e, 2), e.mul(e.f(-2), high));
  Value large = e.add(sum.high, e.add(sum.low, e.fma(e.f(-2), low, quarterPiLow(e, 2))));
  Value result = e.select(parts.large, large, e.add(high, low));
  return e.withSignOf(e.select(e.greater(parts.size, e.f(1)), e.f(notANumber), result), x);
}

Value graphc::lower::expandAcos(Expander &e, Value x) {
  ArcParts parts = arcParts(e, x);
  auto [high, low] = parts.arc;
  Value negative = e.less(x, e.f(0));
  // x in [-1/2, 1/2]: pi / 2 - asin(x).
  Value signedHigh = e.withSignOf(high, x), signedLow = e.select(negative, e.neg(low), low);
  Pair sum = e.fastTwoSum(quarterPi(e, 2), e.neg(signedHigh));
  Value small = e.add(sum.high, e.add(sum.low, e.sub(quarterPiLow(e, 2), signedLow)));
  Value twice = e.add(high, high), twiceLow = e.add(low, low);
  Pair turned = e.fastTwoSum(quarterPi(e, 4), e.neg(twice));
  Value left = e.add(turned.high, e.add(turned.low, e.sub(quarterPiLow(e, 4), twiceLow)));
  Value large = e.select(negative, left, e.add(twice, twiceLow));
  Value result = e.select(parts.large, large, small);
  return e.select(e.greater(parts.size, e.f(1)), e.f(notANumber), result);
}

Value graphc::lower::expandAtan(Expander &e, Value x) {
  Value size = e.abs(x);
  Value no = e.constant(e.shaped(e.getI1Type()), e.getBoolAttr(false));
  // From the bound on it is pi / 2 to the last bit.
  Value result = angleOf(e, e.atMost(size, e.choose(0x1p64, 0x1p30)), e.f(1), e.f(0), no);
  result = e.select(e.less(size, e.f(e.choose(0x1p-28, 0x1p-13))), size, result);
  return e.withSignOf(result, x);
}

Value graphc::lower::expandAtan2(Expander &e, Value y, Value x) {
  Value over = e.abs(y), under = e.abs(x);
  Value left = e.create<arith::CmpIOp>(arith::CmpIPredicate::slt, e.asBits(x), e.i(0)); // -0 as well
  // Infinities as 1 beside a 0 or another 1; a 0 beside a 0 as beside a 1.
  Value most = e.select(e.greater(over, under), over, under), infinite = e.equal(most, e.f(infinity));
  auto finite = [&](Value a) { return e.select(e.equal(a, e.f(infinity)), e.f(1), e.select(infinite, e.f(0), a)); };
  Value safeOver = finite(over), safeUnder = finite(under);
  safeUnder = e.select(e.equal(most, e.f(0)), e.f(1), safeUnder);
  // Scaled, so that sums do not overflow and products of the remainder do not underflow.
  Value factor = e.select(e.greater(most, e.f(e.choose(0x1p500, 0x1p60))), e.f(e.choose(0x1p-200, 0x1p-40)), e.f(1));
  factor = e.select(e.less(most, e.f(e.choose(0x1p-500, 0x1p-60))), e.f(e.choose(0x1p600, 0x1p100)), factor);
  Value result = angleOf(e, e.mul(safeOver, factor), e.mul(safeUnder, factor), e.f(4), left);
  // A NaN in either operand, which the selects above may have lost.
  result = e.select(e.compare(arith::CmpFPredicate::UNO, x, y), e.f(notANumber), result);
  return e.withSignOf(result, y);
}
