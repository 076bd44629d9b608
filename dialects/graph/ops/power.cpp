// Powers and roots. Powers of integers are square-and-multiply over every bit of the exponent, without a branch.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// sqrt
Value SqrtOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::SqrtOp>(x[0]); }
Number SqrtOp::evaluateScalar(ArrayRef<Number> x) { return sqrt(x[0].real); }
Value SqrtOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.div(b.mul(v, 0.5), getY()); }

// rsqrt
Value RsqrtOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::RsqrtOp>(x[0]); }
Number RsqrtOp::evaluateScalar(ArrayRef<Number> x) { return rsqrt(x[0].real); }
Value RsqrtOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.mul(b.div(getY(), getX()), -0.5)); }

// reciprocal
Value ReciprocalOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.div(b.number(x[0], 1), x[0]); }
Number ReciprocalOp::evaluateScalar(ArrayRef<Number> x) { return Jet(1) / x[0].real; }
Value ReciprocalOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.neg(b.mul(v, b.square(getY()))); }

// square
Value SquareOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.mul(x[0], x[0]); }
Number SquareOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return x[0].real * x[0].real;
  return Number::of(int64_t(uint64_t(x[0].integer) * uint64_t(x[0].integer)));
}
Value SquareOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.mul(getX(), 2)); }

// pow: for integers modulo 2^width. A base of 1 or -1 needs no exception among negative exponents: the lowest bit of
// the exponent says all of it.
static Value powerOfIntegers(ScalarBuilder &b, Value base, Value exponent) {
  unsigned width = base.getType().getIntOrFloatBitWidth();
  Value zero = b.integer(base, 0), one = b.integer(base, 1), minusOne = b.integer(base, -1);
  Value power = one, squared = base;
  for (unsigned bit = 0; bit < width; ++bit) {
    if (bit > 0) squared = b.mul(squared, squared);
    Value mask = b.integer(exponent, int64_t(uint64_t(1) << bit));
    Value taken = b.compare(ScalarBuilder::Relation::NotEqual, b.bitAnd(exponent, mask), zero);
    power = b.select(taken, b.mul(power, squared), power);
  }
  if (b.isUnsigned()) return power;
  Value isUnit = b.bitOr(b.compare(ScalarBuilder::Relation::Equal, base, one),
                         b.compare(ScalarBuilder::Relation::Equal, base, minusOne));
  Value vanishes = b.bitAnd(b.less(exponent, zero), b.bitXor(isUnit, b.integer(isUnit, 1)));
  return b.select(vanishes, zero, power);
}

Value PowOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  if (b.isReal()) return b.create<math::PowFOp>(x[0], x[1]);
  return powerOfIntegers(b, x[0], x[1]);
}
Number PowOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return pow(x[0].real, x[1].real);
  int64_t base = x[0].integer, exponent = x[1].integer;
  if (!x[1].isUnsigned() && exponent < 0) {
    if (base == -1) return Number::of(int64_t(exponent % 2 == 0 ? 1 : -1));
    return Number::of(int64_t(base == 1));
  }
  uint64_t power = 1, squared = base;
  for (uint64_t rest = exponent; rest != 0; rest /= 2, squared *= squared)
    if (rest % 2 == 1) power *= squared;
  return Number::of(int64_t(power));
}
// b a^(b-1), and a^b log a; the base is exchanged for 1 where they would be 0 times infinity, so that 0 comes out and
// derivatives of this rule are finite too.
Value PowOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  Value isZero = b.equal(getA(), 0);
  std::optional<double> exponent = RuleBuilder::constantOf(getB());
  if (i == 1) {
    Value base = b.select(isZero, b.number(v, 1), getA());
    return b.mul(v, b.mul(getY(), b.create<LogOp>(base)));
  }
  if (exponent == 2) return b.mul(v, b.mul(getA(), 2));
  Value base = getA();
  if (!exponent || *exponent == 0) base = b.select(b.both(isZero, b.equal(getB(), 0)), b.number(v, 1), base);
  return b.mul(v, b.mul(getB(), b.create<PowOp>(base, b.add(getB(), -1))));
}
