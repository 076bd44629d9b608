// select: both operands are there already, so nothing is computed for naught and no branch is needed.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

Value SelectOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.select(x[0], x[1], x[2]); }
Number SelectOp::evaluateScalar(ArrayRef<Number> x) { return x[0].integer != 0 ? x[1] : x[2]; }
Value SelectOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  return i == 1 ? b.only(getCondition(), v) : b.without(getCondition(), v);
}
