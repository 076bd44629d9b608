// mish: tanh(log(1 + e)) with e = e^x is e (e + 2) / (e (e + 2) + 2): one exponential and one division. For x >= 0 both
// sides are divided by e^2, so that with u = e^-|x| nothing overflows and no digits cancel.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

/// Below it mish is -0 or a denormal in every dtype; it keeps 0 * -infinity away.
static constexpr double least = -800;

Value MishOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  auto number = [&](double value) { return b.number(x[0], value); };
  Value held = b.maximum(x[0], number(least)), u = b.exp(b.neg(b.absolute(held))), positive = b.less(number(0), held);
  Value low = b.mul(u, b.add(u, number(2))), high = b.add(b.add(u, u), number(1));
  Value above = b.select(positive, high, low);
  Value below = b.add(above, b.select(positive, b.mul(b.add(u, u), u), number(2)));
  return b.mul(held, b.div(above, below));
}
Number MishOp::evaluateScalar(ArrayRef<Number> x) {
  const Jet &v = x[0].real;
  if (v.v < least) return Jet(-0.0);
  if (v.v <= 0) {
    Jet e = exp(v), above = e * (e + Jet(2));
    return v * (above / (above + Jet(2)));
  }
  Jet u = exp(Jet(0) - v), above = u + u + Jet(1);
  return v * (above / (above + u * u + u * u));
}
Value MishOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  Value t = b.create<TanhOp>(b.create<SoftplusOp>(getX()));
  return b.mul(v, b.add(t, b.mul(b.mul(getX(), b.sigmoid(getX())), b.sub(1, b.square(t)))));
}
