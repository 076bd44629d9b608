// exp, expm1, sinh, cosh, tanh: x = n ln 2 + r, a polynomial in r, then the exponent n put in by integer arithmetic.
// exp in f32 on AVX-512 takes n in 16ths: 2^(n mod 1) comes from a table that is one register, so r is so small that
// two coefficients do, and one instruction puts the exponent in (10% less time in a softmax on Zen 4).
// ln 2 is in two parts, the first so short that its product with n is exact even without fma.
#include "compiler/lower/kernels/math_coefficients.h"
#include "compiler/lower/kernels/math_families.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
/// x = n ln 2 + r.high + r.low; n also as an integer. `sum` is r in one, rounded once.
struct Reduced {
  Value n;
  Pair r;
  Value sum;
};

Reduced reduce(Expander &e, Value x) {
  Value t = e.fma(x, e.f(e.choose(0x1.71547652b82fep0, 1.44269504)), e.f(e.shifter()));
  Value n = e.sub(t, e.f(e.shifter()));
  Value high = e.fma(n, e.f(e.choose(-0x1.62e42fee00000p-1, -0x1.62e400p-1)), x);
  Value rest = e.f(e.choose(-0x1.a39ef35793c76p-33, -0x1.7f7d1cp-20));
  return {e.subInt(e.asBits(t), e.asBits(e.f(e.shifter()))), {high, e.mul(n, rest)}, e.fma(n, rest, high)};
}

/// e^r - 1 - r for |r| <= ln 2 / 2.
Value expTail(Expander &e, Value r) {
  return e.mul(e.mul(r, r), e.polynomial(r, coefficients::exp64, coefficients::exp32));
}

/// e^x - 1 as 2 (high + low), for x within [-60, 710] (f64) or [-30, 89] (f32).
Pair halfExpm1(Expander &e, Value x) {
  Reduced reduced = reduce(e, x);
  Pair r = e.fastTwoSum(reduced.r.high, reduced.r.low);
  Value tail = e.add(expTail(e, r.high), r.low);
  Value half = e.power(e.subInt(reduced.n, e.i(1))); // half, for the largest power is past the numbers
  Pair sum = e.twoSum(e.sub(half, e.f(0.5)), e.mul(half, r.high));
  return {sum.high, e.add(sum.low, e.mul(half, tail))};
}

/// Below 0.625 an odd polynomial (Cephes), above it 1 - 2 / (1 + e^2x), which is 1 from 10 on. A NaN takes the second
/// way. Measured in f32 and kept as it is: the fastest of the ways below 2 ulp.
Value tanhOfF32(Expander &e, Value x) {
  Value size = e.abs(x), square = e.mul(size, size);
  Value p = e.polynomial(square,
                         {-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3});
  Value small = e.fma(e.mul(p, square), size, size);
  Value bounded = e.atMost(size, 10);
  auto [q, n] = expParts(e, e.add(bounded, bounded));
  Value large = e.sub(e.f(1), e.div(e.f(2), e.add(e.mul(q, e.power(n)), e.f(1))));
  Value result = e.select(e.less(size, e.f(0.625)), small, large);
  return e.asReal(e.bitOr(e.asBits(result), e.bitAnd(e.asBits(x), e.i(INT32_MIN))));
}

/// With E = e^2x - 1: E / (E + 2), from 1/2 on 1 - 2 / (E + 2).
Value tanhOfF64(Expander &e, Value x) {
  Value size = e.abs(x), bounded = e.atMost(size, 22);
  Pair half = halfExpm1(e, e.add(bounded, bounded));
  half = e.fastTwoSum(half.high, half.low);
  Pair under = e.fastTwoSum(e.f(1), half.high); // for less than 1, where alone it is used
  under.low = e.add(under.low, half.low);
  Pair small = e.quotient(half, under);
  Value large = e.sub(e.f(1), e.div(e.f(1), e.add(half.high, e.f(1))));
  Value result = e.select(e.less(size, e.f(0.54)), e.add(small.high, small.low), large);
  result = e.select(e.less(size, e.f(0x1p-28)), size, result);
  return e.withSignOf(result, x);
}
} // namespace

ExpParts graphc::lower::expParts(Expander &e, Value x, Value low) {
  auto [n, parts, r] = reduce(e, x);
  if (low) {
    Pair both = e.fastTwoSum(parts.high, e.add(parts.low, low));
    Pair sum = e.fastTwoSum(e.f(1), both.high);
    return {e.add(sum.high, e.add(sum.low, e.add(both.low, expTail(e, both.high)))), n};
  }
  if (e.wide) return {e.add(e.add(expTail(e, r), r), e.f(1)), n};
  return {e.polynomial(r, {1.0, 1.0, 0.49999994, 0.166665196, 0.0416682623, 0.0083688572, 0.00138214475}), n};
}

Value graphc::lower::scale(Expander &e, const ExpParts &parts) {
  Value half = e.rightSigned(parts.n, e.i(1));
  return e.mul(e.mul(parts.p, e.power(half)), e.power(e.subInt(parts.n, half)));
}

/// In a whole register of f32, for x within [-105, 89] or NaN.
static Value expByTable(Expander &e, Value x) {
  static constexpr float powers[] = {0x1.000000p0f, 0x1.0b5586p0f, 0x1.172b84p0f, 0x1.2387a6p0f,
                                     0x1.306fe0p0f, 0x1.3dea64p0f, 0x1.4bfdaep0f, 0x1.5ab07ep0f,
                                     0x1.6a09e6p0f, 0x1.7a1148p0f, 0x1.8ace54p0f, 0x1.9c4918p0f,
                                     0x1.ae89fap0f, 0x1.c199bep0f, 0x1.d5818ep0f, 0x1.ea4afap0f}; // 2^(i/16)
  Value toSixteenths = e.f(e.shifter() / 16);
  Value t = e.fma(x, e.f(1.44269504), toSixteenths), n = e.sub(t, toSixteenths);
  Value r = e.fma(n, e.f(-0x1.7f7d1cp-20), e.fma(n, e.f(-0x1.62e400p-1), x));
  Value power = e.lookUp(e.asBits(t), powers);
  Value p = e.fma(r, e.polynomial(r, coefficients::expBehindTable32), e.f(1));
  return e.scalef(e.fma(e.mul(power, r), p, power), n);
}

// Past these bounds the result is inf or 0 all the same.
Value graphc::lower::expandExp(Expander &e, Value x) { return expandExpOfNegative(e, e.atMost(x, e.choose(710, 89))); }

Value graphc::lower::expandExpOfNegative(Expander &e, Value x) {
  Value bounded = e.atLeast(x, e.choose(-746, -105));
  return e.hasScalef ? e.inRegister(bounded, expByTable) : scale(e, expParts(e, bounded));
}

Value graphc::lower::expandExpm1(Expander &e, Value x) {
  Pair half = halfExpm1(e, e.atLeast(e.atMost(x, e.choose(710, 89)), e.choose(-60, -30)));
  Value sum = e.add(half.high, half.low);
  // x + x^2 / 2 is x here, and -0 and the denormals stay.
  return e.select(e.less(e.abs(x), e.f(e.choose(0x1p-54, 0x1p-25))), x, e.add(sum, sum));
}

/// e^|x| as 4 times the value returned, which is never inf below the bound where sinh and cosh are.
static Value quarterExp(Expander &e, Value size) {
  auto [p, n] = expParts(e, e.atMost(size, e.choose(710.5, 89.45)));
  return e.mul(p, e.power(e.subInt(n, e.i(2))));
}

Value graphc::lower::expandSinh(Expander &e, Value x) {
  Value size = e.abs(x), square = e.mul(size, size);
  Value p = e.polynomial(square, coefficients::sinh64, coefficients::sinh32);
  Value small = e.fma(e.mul(p, square), size, size);
  Value quarter = quarterExp(e, size);
  Value half = e.sub(quarter, e.div(e.f(1.0 / 16), quarter));
  return e.withSignOf(e.select(e.less(size, e.f(1)), small, e.add(half, half)), x);
}

Value graphc::lower::expandCosh(Expander &e, Value x) {
  Value quarter = quarterExp(e, e.abs(x));
  Value half = e.add(quarter, e.div(e.f(1.0 / 16), quarter));
  return e.add(half, half);
}

Value graphc::lower::expandTanh(Expander &e, Value x) { return e.wide ? tanhOfF64(e, x) : tanhOfF32(e, x); }
