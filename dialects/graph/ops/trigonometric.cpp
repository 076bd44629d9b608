// Trigonometric functions and their inverses. The kernel stage reduces every finite angle exactly enough.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// sin
Value SinOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::SinOp>(x[0]); }
Number SinOp::evaluateScalar(ArrayRef<Number> x) { return sin(x[0].real); }

// cos
Value CosOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::CosOp>(x[0]); }
Number CosOp::evaluateScalar(ArrayRef<Number> x) { return cos(x[0].real); }

// tan
Value TanOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::TanOp>(x[0]); }
Number TanOp::evaluateScalar(ArrayRef<Number> x) { return tan(x[0].real); }

// asin
Value AsinOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AsinOp>(x[0]); }
Number AsinOp::evaluateScalar(ArrayRef<Number> x) { return asin(x[0].real); }

// acos
Value AcosOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AcosOp>(x[0]); }
Number AcosOp::evaluateScalar(ArrayRef<Number> x) { return acos(x[0].real); }

// atan
Value AtanOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::AtanOp>(x[0]); }
Number AtanOp::evaluateScalar(ArrayRef<Number> x) { return atan(x[0].real); }
