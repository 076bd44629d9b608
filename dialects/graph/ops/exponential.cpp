// Exponentials and logarithms. The kernel stage turns math ops into polynomials of our own (docs/math_functions.md).
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// exp
Value ExpOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.exp(x[0]); }
Number ExpOp::evaluateScalar(ArrayRef<Number> x) { return exp(x[0].real); }
Value ExpOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, getY()); }

// expm1
Value Expm1Op::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::ExpM1Op>(x[0]); }
Number Expm1Op::evaluateScalar(ArrayRef<Number> x) { return expm1(x[0].real); }
Value Expm1Op::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.add(getY(), 1)); }

// log
Value LogOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::LogOp>(x[0]); }
Number LogOp::evaluateScalar(ArrayRef<Number> x) { return log(x[0].real); }
std::optional<Advice> LogOp::advise() {
  if (!getX().getDefiningOp<SoftmaxOp>()) return std::nullopt;
  return Advice{"G8002", "log(softmax(x)) loses precision, use log_softmax"};
}
Value LogOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.div(v, getX()); }

// log1p
Value Log1pOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::Log1pOp>(x[0]); }
Number Log1pOp::evaluateScalar(ArrayRef<Number> x) { return log1p(x[0].real); }
Value Log1pOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.div(v, b.add(getX(), 1)); }
