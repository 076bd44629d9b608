// Elementwise ops of one operand: per op the scalar function as code and as evaluation. All else is Graph_Elementwise.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// exp: the kernel stage replaces math.exp and math.tanh by its own polynomials.
Value ExpOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.exp(x[0]); }
Number ExpOp::evaluateScalar(ArrayRef<Number> x) { return exp(x[0].real); }

// tanh
Value TanhOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::TanhOp>(x[0]); }
Number TanhOp::evaluateScalar(ArrayRef<Number> x) { return tanh(x[0].real); }

// relu: 0 > x ? 0 : x, which is false for NaN and so keeps it, as no min or max instruction does.
Value ReluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  if (b.isUnsigned()) return x[0];
  Value zero = b.isReal() ? b.number(x[0], 0) : b.integer(x[0], 0);
  return b.select(b.compare(ScalarBuilder::Relation::Greater, zero, x[0]), zero, x[0]);
}
Number ReluOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return relu(x[0].real);
  return Number::of(x[0].isUnsigned() ? x[0].integer : std::max<int64_t>(x[0].integer, 0));
}

// sigmoid: with z = e^-|x|, which never overflows: (x < 0 ? z : 1) / (1 + z).
Value SigmoidOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value zero = b.number(x[0], 0), one = b.number(x[0], 1);
  Value z = b.exp(b.neg(b.absolute(x[0])));
  return b.div(b.select(b.less(x[0], zero), z, one), b.add(one, z));
}
Number SigmoidOp::evaluateScalar(ArrayRef<Number> x) { return sigmoid(x[0].real); }
