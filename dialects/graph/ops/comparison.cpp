// Comparisons. Beside a NaN only not_equal is true. No derivative passes.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;
using Relation = ScalarBuilder::Relation;

// equal
Value EqualOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.compare(Relation::Equal, x[0], x[1]); }
Number EqualOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(equals(x[0], x[1])); }

// not_equal
Value NotEqualOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.compare(Relation::NotEqual, x[0], x[1]); }
Number NotEqualOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(!equals(x[0], x[1])); }

// less
Value LessOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.compare(Relation::Less, x[0], x[1]); }
Number LessOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(lessThan(x[0], x[1])); }

// less_equal
Value LessEqualOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.compare(Relation::LessEqual, x[0], x[1]); }
Number LessEqualOp::evaluateScalar(ArrayRef<Number> x) {
  return Number::of(lessThan(x[0], x[1]) || equals(x[0], x[1]));
}

// greater
Value GreaterOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.compare(Relation::Greater, x[0], x[1]); }
Number GreaterOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(lessThan(x[1], x[0])); }

// greater_equal
Value GreaterEqualOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  return b.compare(Relation::GreaterEqual, x[0], x[1]);
}
Number GreaterEqualOp::evaluateScalar(ArrayRef<Number> x) {
  return Number::of(lessThan(x[1], x[0]) || equals(x[0], x[1]));
}
