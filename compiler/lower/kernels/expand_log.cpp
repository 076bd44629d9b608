// log, log1p, asinh, acosh, atanh: x = m 2^k, log m = 2 atanh(s), s = f / (2 + f), f = m - 1 (the way of FreeBSD's
// msun). The inverse hyperbolic functions are log1p of an argument carried as a Pair: its rounding would show in the
// result.
#include "compiler/lower/kernels/math_coefficients.h"
#include "compiler/lower/kernels/math_families.h"

using namespace mlir;
using namespace graphc::lower;

LogParts graphc::lower::logParts(Expander &e, Value x) {
  int64_t root = e.wide ? 0x3fe6a09e667f3bcd : 0x3f3504f3; // sqrt(1/2)
  int64_t fraction = (int64_t(1) << e.mantissa) - 1;
  Value shifted = e.subInt(e.asBits(x), e.i(root));
  Value k = e.rightSigned(shifted, e.i(e.mantissa));
  return {e.toReal(k), e.asReal(e.addInt(e.bitAnd(shifted, e.i(fraction)), e.i(root)))};
}

/// k ln 2 + log(1 + f) + low.
static Value logOf(Expander &e, Value k, Value f, Value low) {
  Value s = e.div(f, e.add(e.f(2), f)), z = e.mul(s, s);
  Value rest = e.mul(z, e.polynomial(z, coefficients::log64, coefficients::log32));
  Value half = e.mul(e.f(0.5), e.mul(f, f));
  Value small = e.fma(k, e.f(e.choose(0x1.a39ef35793c76p-33, 0x1.7f7d1cp-20)), low);
  Value fraction = e.sub(e.sub(half, e.fma(s, e.add(half, rest), small)), f);
  // The product is exact: the first part of ln 2 is short.
  return e.sub(e.mul(k, e.f(e.choose(0x1.62e42fee00000p-1, 0x1.62e400p-1))), fraction);
}

Value graphc::lower::expandLog(Expander &e, Value x) {
  Value denormal = e.less(x, e.f(e.choose(0x1p-1022, 0x1p-126)));
  double up = e.choose(0x1p54, 0x1p25);
  auto [k, m] = logParts(e, e.select(denormal, e.mul(x, e.f(up)), x));
  k = e.sub(k, e.select(denormal, e.f(e.choose(54, 25)), e.f(0)));
  Value result = logOf(e, k, e.sub(m, e.f(1)), e.f(0));
  result = e.select(e.less(x, e.f(infinity)), result, x); // inf and NaN
  return e.select(e.compare(arith::CmpFPredicate::OLE, x, e.f(0)),
                  e.select(e.equal(x, e.f(0)), e.f(-infinity), e.f(notANumber)), result);
}

/// log(1 + a + low), or log(a) + ln 2 where `doubled` (null: nowhere); a > -1 and finite.
static Value log1pOf(Expander &e, Value a, Value low, Value doubled = {}) {
  Pair u = e.twoSum(e.f(1), a);
  Value x = doubled ? e.select(doubled, a, u.high) : u.high;
  auto [k, m] = logParts(e, x);
  // Where 1 + a is near 1, f is a itself and nothing is lost.
  Value near = e.equal(k, e.f(0));
  Value f = e.select(near, a, e.sub(m, e.f(1)));
  Value rest = e.div(e.select(near, low, e.add(u.low, low)), u.high);
  if (doubled) {
    rest = e.select(doubled, e.f(0), rest);
    f = e.select(doubled, e.sub(m, e.f(1)), f);
    k = e.select(doubled, e.add(k, e.f(1)), k);
  }
  return logOf(e, k, f, rest);
}

Value graphc::lower::expandLog1p(Expander &e, Value x) {
  Value result = log1pOf(e, x, e.f(0));
  result = e.select(e.less(x, e.f(infinity)), result, x); // inf and NaN
  result = e.select(e.less(e.abs(x), e.f(e.choose(0x1p-54, 0x1p-25))), x, result);
  return e.select(e.compare(arith::CmpFPredicate::OLE, x, e.f(-1)),
                  e.select(e.equal(x, e.f(-1)), e.f(-infinity), e.f(notANumber)), result);
}

/// From here on asinh(x) = acosh(x) = log(x) + ln 2 to the last bit, and below it x^2 is far from overflow.
static double hugeArgument(const Expander &e) { return e.choose(0x1p60, 0x1p30); }

Value graphc::lower::expandAsinh(Expander &e, Value x) {
  Value size = e.abs(x), huge = e.greater(size, e.f(hugeArgument(e))), bounded = e.atMost(size, hugeArgument(e));
  // x + sqrt(x^2 + 1) = 1 + x + x^2 / (1 + sqrt(x^2 + 1))
  Value square = e.mul(bounded, bounded);
  Pair sum = e.twoSum(bounded, e.div(square, e.add(e.f(1), e.sqrt(e.add(square, e.f(1))))));
  Value result = log1pOf(e, e.select(huge, size, sum.high), sum.low, huge);
  result = e.select(e.less(size, e.f(infinity)), result, size);
  result = e.select(e.less(size, e.f(e.choose(0x1p-28, 0x1p-13))), size, result);
  return e.withSignOf(result, x);
}

Value graphc::lower::expandAcosh(Expander &e, Value x) {
  Value huge = e.greater(x, e.f(hugeArgument(e))), bounded = e.atMost(x, hugeArgument(e));
  // x + sqrt(x^2 - 1) = 1 + t + sqrt(t (t + 2)), t = x - 1
  Pair t = e.twoSum(bounded, e.f(-1)), t2 = e.twoSum(bounded, e.f(1));
  Pair square = e.product(t, t2);
  Value root = e.sqrt(square.high);
  Pair back = e.twoProduct(root, root);
  Value rest = e.add(e.sub(e.sub(square.high, back.high), back.low), square.low);
  Value rootLow = e.select(e.greater(root, e.f(0)), e.div(rest, e.add(root, root)), e.f(0));
  Pair sum = e.twoSum(t.high, root);
  Value result = log1pOf(e, e.select(huge, x, sum.high), e.add(sum.low, e.add(t.low, rootLow)), huge);
  result = e.select(e.less(x, e.f(infinity)), result, x);
  return e.select(e.less(x, e.f(1)), e.f(notANumber), result);
}

Value graphc::lower::expandAtanh(Expander &e, Value x) {
  // log((1 + x) / (1 - x)) / 2 = log1p(2x / (1 - x)) / 2
  Value size = e.abs(x), bounded = e.select(e.less(size, e.f(1)), size, e.f(0));
  Pair q = e.quotient({e.add(bounded, bounded), e.f(0)}, e.twoSum(e.f(1), e.neg(bounded)));
  Value result = e.mul(e.f(0.5), log1pOf(e, q.high, q.low));
  result = e.select(e.less(size, e.f(e.choose(0x1p-28, 0x1p-13))), size, result);
  result = e.select(e.less(size, e.f(1)), result, e.select(e.equal(size, e.f(1)), e.f(infinity), e.f(notANumber)));
  return e.withSignOf(result, x);
}
