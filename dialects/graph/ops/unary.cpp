// Elementwise ops of one operand: per op the scalar function as code and as evaluation. All else is Graph_Elementwise.
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace graphc::graph;

/// The number as a scalar of x's type.
static Value constantLike(OpBuilder &b, Location l, Value x, double number) {
  return b.create<arith::ConstantOp>(l, b.getFloatAttr(x.getType(), number));
}

// exp: the kernel stage replaces math.exp and math.tanh by its own polynomials.
Value ExpOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) { return b.create<math::ExpOp>(l, x[0]); }
Jet ExpOp::evaluateScalar(ArrayRef<Jet> x) { return exp(x[0]); }

// tanh
Value TanhOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) { return b.create<math::TanhOp>(l, x[0]); }
Jet TanhOp::evaluateScalar(ArrayRef<Jet> x) { return tanh(x[0]); }

// relu: 0 > x ? 0 : x, which is false for NaN and so keeps it, as no min or max instruction does.
Value ReluOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) {
  Value zero = constantLike(b, l, x[0], 0);
  Value negative = b.create<arith::CmpFOp>(l, arith::CmpFPredicate::OGT, zero, x[0]);
  return b.create<arith::SelectOp>(l, negative, zero, x[0]);
}
Jet ReluOp::evaluateScalar(ArrayRef<Jet> x) { return relu(x[0]); }

// sigmoid: with z = e^-|x|, which never overflows: (x < 0 ? z : 1) / (1 + z).
Value SigmoidOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) {
  Value zero = constantLike(b, l, x[0], 0), one = constantLike(b, l, x[0], 1);
  Value magnitude = b.create<math::AbsFOp>(l, x[0]);
  Value z = b.create<math::ExpOp>(l, b.create<arith::NegFOp>(l, magnitude));
  Value negative = b.create<arith::CmpFOp>(l, arith::CmpFPredicate::OLT, x[0], zero);
  Value numerator = b.create<arith::SelectOp>(l, negative, z, one);
  return b.create<arith::DivFOp>(l, numerator, b.create<arith::AddFOp>(l, one, z));
}
Jet SigmoidOp::evaluateScalar(ArrayRef<Jet> x) { return sigmoid(x[0]); }
