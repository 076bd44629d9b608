// Hyperbolic functions and their inverses.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// sinh
Value SinhOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::SinhOp>(x[0]); }
Number SinhOp::evaluateScalar(ArrayRef<Number> x) { return sinh(x[0].real); }
Value SinhOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.create<CoshOp>(getX())); }

// cosh
Value CoshOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::CoshOp>(x[0]); }
Number CoshOp::evaluateScalar(ArrayRef<Number> x) { return cosh(x[0].real); }
Value CoshOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.create<SinhOp>(getX())); }

// tanh
Value TanhOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::TanhOp>(x[0]); }
Number TanhOp::evaluateScalar(ArrayRef<Number> x) { return tanh(x[0].real); }
Value TanhOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.sub(1, b.square(getY()))); }

// asinh
Value AsinhOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AsinhOp>(x[0]); }
Number AsinhOp::evaluateScalar(ArrayRef<Number> x) { return asinh(x[0].real); }
Value AsinhOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.rsqrt(b.add(b.square(getX()), 1))); }

// acosh
Value AcoshOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AcoshOp>(x[0]); }
Number AcoshOp::evaluateScalar(ArrayRef<Number> x) { return acosh(x[0].real); }
Value AcoshOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.mul(v, b.rsqrt(b.mul(b.add(getX(), -1), b.add(getX(), 1))));
}

// atanh
Value AtanhOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AtanhOp>(x[0]); }
Number AtanhOp::evaluateScalar(ArrayRef<Number> x) { return atanh(x[0].real); }
Value AtanhOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.div(v, b.mul(b.sub(1, getX()), b.add(getX(), 1)));
}
