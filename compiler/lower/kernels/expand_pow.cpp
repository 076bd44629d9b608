// pow: e^(y log |x|). In f32 by way of f64, whose log and exp then need few terms. In f64 the logarithm is a Pair good
// to 2^-64 of itself, because y log |x| goes up to 745 and its absolute error is the result's relative one. The sign
// and the special values follow C's standard.
#include "compiler/lower/kernels/math_coefficients.h"
#include "compiler/lower/kernels/math_families.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
constexpr double ln2High = 0x1.62e42fee00000p-1, ln2Low = 0x1.a39ef35793c76p-33;

/// log x in f64 to 2^-43, x > 0 and normal.
Value shortLog(Expander &e, Value x) {
  auto [k, m] = logParts(e, x);
  Value f = e.sub(m, e.f(1)), s = e.div(f, e.add(e.f(2), f)), z = e.mul(s, s);
  Value series = e.fma(z, e.polynomial(z, coefficients::logShort64), e.f(2));
  return e.fma(k, e.f(ln2High), e.fma(k, e.f(ln2Low), e.mul(s, series)));
}

/// log x = k ln 2 + s (2 + z (2/3 + z (2/5 + z p(z)))), z = s^2, s = f / (2 + f), f = m - 1: Pairs but for the last
/// term.
Pair longLog(Expander &e, Value x) {
  auto [k, m] = logParts(e, x);
  Value f = e.sub(m, e.f(1));
  Pair s = e.quotient({f, e.f(0)}, e.twoSum(e.f(2), f));
  s = e.fastTwoSum(s.high, s.low);
  Pair z = e.product(s, s);
  Pair p = e.fastTwoSum(e.f(0x1.999999999999ap-2), e.mul(z.high, e.polynomial(z.high, coefficients::pow64)));
  p = e.product(z, {p.high, e.add(p.low, e.f(-0x1.999999999999ap-56))});
  Pair next = e.fastTwoSum(e.f(0x1.5555555555555p-1), p.high);
  p = e.product(z, {next.high, e.add(next.low, e.add(p.low, e.f(0x1.5555555555555p-55)))});
  next = e.fastTwoSum(e.f(2), p.high);
  p = e.product(s, {next.high, e.add(next.low, p.low)});
  Pair sum = e.fastTwoSum(e.mul(k, e.f(ln2High)), p.high); // the product is exact
  return e.fastTwoSum(sum.high, e.add(sum.low, e.fma(k, e.f(ln2Low), p.low)));
}

/// `size` = |x|^y given its logarithm's special values: now for every x and y.
Value finish(Expander &e, Value size, Value x, Value y) {
  Value whole = e.create<math::TruncOp>(y), half = e.mul(y, e.f(0.5));
  Value isWhole = e.equal(whole, y); // infinities too, as even numbers
  Value isOdd = e.create<arith::AndIOp>(
      isWhole, e.compare(arith::CmpFPredicate::ONE, e.create<math::TruncOp>(half).getResult(), half));
  Value sign = e.select(isOdd, e.bitAnd(e.asBits(x), e.i(INT64_MIN)), e.i(0));
  Value result = e.asReal(e.bitOr(e.asBits(size), sign));
  Value negative = e.create<arith::AndIOp>(e.less(x, e.f(0)), e.greater(x, e.f(-infinity)));
  result = e.select(negative, e.select(isWhole, result, e.f(notANumber)), result);
  Value one = e.create<arith::OrIOp>(e.equal(x, e.f(1)), e.equal(y, e.f(0)));
  return e.select(one, e.f(1), result);
}

/// log |x| where it is 0, inf or NaN.
Value specialLog(Expander &e, Value size, Value finite) {
  Value result = e.select(e.less(size, e.f(infinity)), finite, size);
  return e.select(e.equal(size, e.f(0)), e.f(-infinity), result);
}

Value powOfF64(Expander &e, Value x, Value y) {
  Value size = e.abs(x);
  Value denormal = e.less(size, e.f(0x1p-1022));
  Pair log = longLog(e, e.select(denormal, e.mul(size, e.f(0x1p54)), size));
  Pair up = e.fastTwoSum(log.high, e.f(-54 * ln2High)); // exact constant: the first part of ln 2 is short
  up.low = e.add(up.low, e.add(log.low, e.f(-54 * ln2Low)));
  up = e.fastTwoSum(up.high, up.low);
  Value high = specialLog(e, size, e.select(denormal, up.high, log.high));
  Value low = e.select(denormal, up.low, log.low);
  // Past this bound the result is 0, 1 or inf whatever y is; products of it stay exact.
  Value bounded = e.atLeast(e.atMost(y, 0x1p70), -0x1p70);
  Pair product = e.twoProduct(high, bounded);
  Value exponent = e.atLeast(e.atMost(product.high, 750), -750);
  Value rest = e.select(e.equal(exponent, product.high), e.add(product.low, e.mul(low, bounded)), e.f(0));
  return finish(e, scale(e, expParts(e, exponent, rest)), x, y);
}

/// The operands are f32 extended to f64.
Value powOfF32(Expander &e, Value x, Value y) {
  Value size = e.abs(x);
  Value bounded = e.atLeast(e.atMost(y, 0x1p70), -0x1p70);
  Value exponent = e.mul(specialLog(e, size, shortLog(e, size)), bounded);
  exponent = e.atLeast(e.atMost(exponent, 150), -150);
  Value t = e.fma(exponent, e.f(0x1.71547652b82fep0), e.f(e.shifter())), n = e.sub(t, e.f(e.shifter()));
  Value r = e.fma(n, e.f(-ln2Low), e.fma(n, e.f(-ln2High), exponent));
  Value p = e.fma(e.mul(r, r), e.polynomial(r, coefficients::expShort64), e.add(r, e.f(1)));
  Value power = e.power(e.subInt(e.asBits(t), e.asBits(e.f(e.shifter()))));
  return finish(e, e.mul(p, power), x, y);
}
} // namespace

Value graphc::lower::expandPow(Expander &e, Value x, Value y) {
  if (e.wide) return powOfF64(e, x, y);
  Type f64 = e.shaped(e.getF64Type());
  auto extend = [&](Value value) { return e.create<arith::ExtFOp>(f64, value); };
  Expander inF64(e, f64, e.hasFma);
  Value result = powOfF32(inF64, extend(x), extend(y));
  return e.create<arith::TruncFOp>(e.real, result);
}
