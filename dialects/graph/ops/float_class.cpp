// Which kind of float an element is, told by comparisons of its absolute value with infinity.
#include "dialects/graph/graph_dialect.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace graphc::graph;

static Value compareWithInfinity(ScalarBuilder &b, ScalarBuilder::Relation relation, Value x) {
  return b.compare(relation, b.absolute(x), b.number(x, std::numeric_limits<double>::infinity()));
}

// is_finite: false for NaN as every comparison is
Value IsFiniteOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  return compareWithInfinity(b, ScalarBuilder::Relation::Less, x[0]);
}
Number IsFiniteOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(bool(std::isfinite(x[0].real.v))); }

// is_nan
Value IsNanOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.isNan(x[0]); }
Number IsNanOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(bool(std::isnan(x[0].real.v))); }

// is_inf
Value IsInfOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  return compareWithInfinity(b, ScalarBuilder::Relation::Equal, x[0]);
}
Number IsInfOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(bool(std::isinf(x[0].real.v))); }
