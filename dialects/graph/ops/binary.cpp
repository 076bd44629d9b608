// Elementwise arithmetic of two operands: per op the folds that are exact for every bit pattern, the scalar operation
// as code, and as evaluation. x + 0 is no fold (it turns -0 into 0), x * 0 neither (NaN, infinity).
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

/// `kept` if `other`, a constant or null, is `number` everywhere (with its sign) and y has kept's type.
static Value keepIf(Value kept, Attribute other, double number, Value y) {
  auto elements = dyn_cast_or_null<DenseElementsAttr>(other);
  if (!elements || !elements.isSplat() || !isa<FloatType>(elements.getElementType()) || kept.getType() != y.getType())
    return {};
  llvm::APFloat value = elements.getSplatValue<llvm::APFloat>();
  llvm::APFloat wanted(number);
  bool losesInfo = false;
  wanted.convert(value.getSemantics(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.bitwiseIsEqual(wanted) ? kept : Value();
}

// add: x + -0 = x
OpFoldResult AddOp::fold(FoldAdaptor in) {
  if (Value a = keepIf(getA(), in.getB(), -0.0, getY())) return a;
  return keepIf(getB(), in.getA(), -0.0, getY());
}
Value AddOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.add(x[0], x[1]); }
Number AddOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return x[0].real + x[1].real;
  return Number::of(int64_t(uint64_t(x[0].integer) + uint64_t(x[1].integer)));
}

// sub: x - 0 = x
OpFoldResult SubOp::fold(FoldAdaptor in) { return keepIf(getA(), in.getB(), 0.0, getY()); }
Value SubOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.sub(x[0], x[1]); }
Number SubOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return x[0].real - x[1].real;
  return Number::of(int64_t(uint64_t(x[0].integer) - uint64_t(x[1].integer)));
}

// mul: x * 1 = x
OpFoldResult MulOp::fold(FoldAdaptor in) {
  if (Value a = keepIf(getA(), in.getB(), 1.0, getY())) return a;
  return keepIf(getB(), in.getA(), 1.0, getY());
}
Value MulOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.mul(x[0], x[1]); }
Number MulOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return x[0].real * x[1].real;
  return Number::of(int64_t(uint64_t(x[0].integer) * uint64_t(x[1].integer)));
}

// div: x / 1 = x
OpFoldResult DivOp::fold(FoldAdaptor in) { return keepIf(getA(), in.getB(), 1.0, getY()); }
Value DivOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.div(x[0], x[1]); }
Number DivOp::evaluateScalar(ArrayRef<Number> x) { return x[0].real / x[1].real; }
