// Division with an integer quotient, and what it leaves. The rest of floats is exact (arith.remf), so a quotient times
// the divisor is never subtracted; their quotient is the rounded one of div.
#include "dialects/graph/graph_dialect.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;
using Relation = ScalarBuilder::Relation;

static Value zeroLike(ScalarBuilder &b, Value x) { return b.isReal() ? b.number(x, 0) : b.integer(x, 0); }

/// Whether the rest of a truncating division has the sign that the divisor has not. 0 has no sign.
static Value isOnOtherSide(ScalarBuilder &b, Value rest, Value divisor) {
  Value zero = zeroLike(b, rest);
  Value signsDiffer = b.bitXor(b.less(rest, zero), b.less(divisor, zero));
  return b.bitAnd(b.compare(Relation::NotEqual, rest, zero), signsDiffer);
}

namespace {
struct Division { // of integers, rounded toward zero
  int64_t quotient = 0, rest = 0;
};
} // namespace

/// By the rules for 0 and -1 (design 4.9).
static Division divide(const Number &a, const Number &b) {
  if (b.integer == 0) return {0, a.integer};
  if (a.isUnsigned())
    return {int64_t(uint64_t(a.integer) / uint64_t(b.integer)), int64_t(uint64_t(a.integer) % uint64_t(b.integer))};
  if (b.integer == -1) return {int64_t(-uint64_t(a.integer)), 0};
  return {a.integer / b.integer, a.integer % b.integer};
}
static bool isOnOtherSide(const Number &divisor, int64_t rest) {
  return !divisor.isUnsigned() && divisor.integer != 0 && rest != 0 && (rest < 0) != (divisor.integer < 0);
}

// floor_div
Value FloorDivOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  if (b.isReal()) return b.create<math::FloorOp>(b.div(x[0], x[1]));
  Value quotient = b.divIntegers(x[0], x[1]);
  if (b.isUnsigned()) return quotient;
  Value rest = b.sub(x[0], b.mul(x[1], quotient)), zero = b.integer(x[1], 0);
  Value isDivided = b.compare(Relation::NotEqual, x[1], zero);
  Value isLess = b.bitAnd(isDivided, isOnOtherSide(b, rest, x[1]));
  return b.select(isLess, b.sub(quotient, b.integer(quotient, 1)), quotient);
}
Number FloorDivOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) {
    double quotient = x[0].real.v / x[1].real.v;
    return Jet(std::floor(x[0].dtype == Dtype::F64 ? quotient : double(float(quotient))));
  }
  Division division = divide(x[0], x[1]);
  return Number::of(division.quotient - isOnOtherSide(x[1], division.rest));
}

// mod: a rest of 0 has the divisor's sign too
Value ModOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  if (!b.isReal() && b.isUnsigned()) return b.remIntegers(x[0], x[1]);
  Value rest = b.isReal() ? Value(b.create<arith::RemFOp>(x[0], x[1])) : b.remIntegers(x[0], x[1]);
  Value result = b.select(isOnOtherSide(b, rest, x[1]), b.add(rest, x[1]), rest);
  if (!b.isReal()) return result;
  Value zero = b.number(rest, 0), signedZero = b.create<math::CopySignOp>(zero, x[1]);
  return b.select(b.compare(Relation::Equal, rest, zero), signedZero, result);
}
Number ModOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return floorMod(x[0].real, x[1].real);
  int64_t rest = divide(x[0], x[1]).rest;
  return Number::of(isOnOtherSide(x[1], rest) ? rest + x[1].integer : rest);
}
// The quotient is constant between its jumps.
static Value timesQuotient(RuleBuilder &b, Value v, Value dividend, Value divisor, Value rest) {
  Value quotient = b.create<RoundOp>(b.div(b.sub(dividend, rest), divisor));
  return b.neg(b.mul(v, quotient));
}
Value ModOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  return i == 0 ? v : timesQuotient(b, v, getA(), getB(), getY());
}

// fmod
Value FmodOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  if (b.isReal()) return b.create<arith::RemFOp>(x[0], x[1]);
  return b.remIntegers(x[0], x[1]);
}
Number FmodOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return fmod(x[0].real, x[1].real);
  return Number::of(divide(x[0], x[1]).rest);
}
Value FmodOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  return i == 0 ? v : timesQuotient(b, v, getA(), getB(), getY());
}
