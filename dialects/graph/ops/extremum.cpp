// The lesser and the greater of operands. NaN passes, which no min or max instruction of x86 does by itself.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// min
Value MinOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.minimum(x[0], x[1]); }
Number MinOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return minimum(x[0].real, x[1].real);
  return lessThan(x[1], x[0]) ? x[1] : x[0];
}
Value MinOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  Value other = i == 0 ? getB() : getA(), own = i == 0 ? getA() : getB();
  return b.select(b.equal(own, other), b.mul(v, 0.5), b.only(b.less(own, other), v));
}

// max
Value MaxOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.maximum(x[0], x[1]); }
Number MaxOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return maximum(x[0].real, x[1].real);
  return lessThan(x[0], x[1]) ? x[1] : x[0];
}
Value MaxOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  Value other = i == 0 ? getB() : getA(), own = i == 0 ? getA() : getB();
  return b.select(b.equal(own, other), b.mul(v, 0.5), b.only(b.less(other, own), v));
}

// clamp
Value ClampOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.minimum(b.maximum(x[0], x[1]), x[2]); }
Number ClampOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return clamp(x[0].real, x[1].real, x[2].real);
  Number raised = lessThan(x[0], x[1]) ? x[1] : x[0];
  return lessThan(x[2], raised) ? x[2] : raised;
}
// Between the bounds, and on them, all is x's; bounds that are equal share what lies below them, as max and min would.
Value ClampOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  Value inside = b.both(b.lessEqual(getLow(), getX()), b.lessEqual(getX(), getHigh()));
  if (i == 0) return b.only(inside, v);
  Value share = b.select(b.equal(getLow(), getHigh()), b.mul(v, 0.5), b.only(b.less(getLow(), getHigh()), v));
  Value ofLow = b.only(b.less(getX(), getLow()), share);
  return i == 1 ? ofLow : b.without(inside, b.sub(v, ofLow));
}
