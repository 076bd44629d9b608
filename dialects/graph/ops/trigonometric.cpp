// Trigonometric functions and their inverses. The kernel stage reduces every finite angle exactly enough.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// sin
Value SinOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::SinOp>(x[0]); }
Number SinOp::evaluateScalar(ArrayRef<Number> x) { return sin(x[0].real); }
Value SinOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.create<CosOp>(getX())); }

// cos
Value CosOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::CosOp>(x[0]); }
Number CosOp::evaluateScalar(ArrayRef<Number> x) { return cos(x[0].real); }
Value CosOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.neg(b.mul(v, b.create<SinOp>(getX()))); }

// tan
Value TanOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::TanOp>(x[0]); }
Number TanOp::evaluateScalar(ArrayRef<Number> x) { return tan(x[0].real); }
Value TanOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.add(b.square(getY()), 1)); }

// asin
Value AsinOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AsinOp>(x[0]); }
Number AsinOp::evaluateScalar(ArrayRef<Number> x) { return asin(x[0].real); }
Value AsinOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.mul(v, b.rsqrt(b.mul(b.sub(1, getX()), b.add(getX(), 1))));
}

// acos
Value AcosOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AcosOp>(x[0]); }
Number AcosOp::evaluateScalar(ArrayRef<Number> x) { return acos(x[0].real); }
Value AcosOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.neg(b.mul(v, b.rsqrt(b.mul(b.sub(1, getX()), b.add(getX(), 1)))));
}

// atan
Value AtanOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AtanOp>(x[0]); }
Number AtanOp::evaluateScalar(ArrayRef<Number> x) { return atan(x[0].real); }
Value AtanOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.div(v, b.add(b.square(getX()), 1)); }
