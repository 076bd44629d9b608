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

// max
Value MaxOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.maximum(x[0], x[1]); }
Number MaxOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return maximum(x[0].real, x[1].real);
  return lessThan(x[0], x[1]) ? x[1] : x[0];
}

// clamp
Value ClampOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.minimum(b.maximum(x[0], x[1]), x[2]); }
Number ClampOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return clamp(x[0].real, x[1].real, x[2].real);
  Number raised = lessThan(x[0], x[1]) ? x[1] : x[0];
  return lessThan(x[2], raised) ? x[2] : raised;
}
