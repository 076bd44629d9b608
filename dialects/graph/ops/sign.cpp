// What an operand owes to its sign. Unsigned integers have none: they are their own absolute value, and negation wraps.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// neg
Value NegOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.neg(x[0]); }
Number NegOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return -x[0].real;
  return Number::of(int64_t(-uint64_t(x[0].integer)));
}
Value NegOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.neg(v); }

// abs
Value AbsOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.absolute(x[0]); }
Number AbsOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return abs(x[0].real);
  bool negative = !x[0].isUnsigned() && x[0].integer < 0;
  return Number::of(negative ? int64_t(-uint64_t(x[0].integer)) : x[0].integer);
}
Value AbsOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.create<SignOp>(getX())); }

// sign: NaN and both zeros fail both comparisons and stay themselves.
Value SignOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  auto number = [&](int value) { return b.isReal() ? b.number(x[0], value) : b.integer(x[0], value); };
  Value zero = number(0), one = number(1);
  Value notAbove = b.isUnsigned() ? x[0] : b.select(b.less(x[0], zero), number(-1), x[0]);
  return b.select(b.less(zero, x[0]), one, notAbove);
}
Number SignOp::evaluateScalar(ArrayRef<Number> x) {
  if (!x[0].isReal()) return Number::of(int64_t(x[0].integer < 0 && !x[0].isUnsigned() ? -1 : x[0].integer != 0));
  double v = x[0].real.v;
  return Jet(v > 0 ? 1 : v < 0 ? -1 : v);
}
