// Floats to integers that stay floats. Their derivatives are 0.
#include "dialects/graph/graph_dialect.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;

// floor
Value FloorOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::FloorOp>(x[0]); }
Number FloorOp::evaluateScalar(ArrayRef<Number> x) { return Jet(std::floor(x[0].real.v)); }

// ceil
Value CeilOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::CeilOp>(x[0]); }
Number CeilOp::evaluateScalar(ArrayRef<Number> x) { return Jet(std::ceil(x[0].real.v)); }

// round
Value RoundOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::RoundEvenOp>(x[0]); }
Number RoundOp::evaluateScalar(ArrayRef<Number> x) {
  return Jet(std::nearbyint(x[0].real.v)); // in the rounding mode that every process starts in
}
