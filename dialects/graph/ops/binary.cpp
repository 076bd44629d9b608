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
Value AddOp::timesPartial(RuleBuilder &, unsigned, Value v) { return v; }

// sub: x - 0 = x
OpFoldResult SubOp::fold(FoldAdaptor in) { return keepIf(getA(), in.getB(), 0.0, getY()); }
Value SubOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.sub(x[0], x[1]); }
Number SubOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return x[0].real - x[1].real;
  return Number::of(int64_t(uint64_t(x[0].integer) - uint64_t(x[1].integer)));
}

/// One value, or twice the same mean.
static bool same(Value a, Value b) {
  auto first = a.getDefiningOp<MeanOp>(), second = b.getDefiningOp<MeanOp>();
  return a == b || (first && second && first.getX() == second.getX() &&
                    first->getAttrDictionary() == second->getAttrDictionary());
}
/// x if the value is x * x, or null.
static Value rootOf(Value value) {
  if (auto square = value.getDefiningOp<SquareOp>()) return square.getX();
  auto product = value.getDefiningOp<MulOp>();
  return product && same(product.getA(), product.getB()) ? product.getA() : Value();
}
std::optional<Advice> SubOp::advise() {
  auto squares = getA().getDefiningOp<MeanOp>();
  Value x = squares ? rootOf(squares.getX()) : Value(), root = rootOf(getB());
  auto mean = root ? root.getDefiningOp<MeanOp>() : MeanOp();
  if (!x || !mean || mean.getX() != x || mean->getAttrDictionary() != squares->getAttrDictionary()) return std::nullopt;
  return Advice{"G8013", "the mean of the squares minus the square of the mean cancels, use variance"};
}
Value SubOp::timesPartial(RuleBuilder &b, unsigned i, Value v) { return i == 0 ? v : b.neg(v); }

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
Value MulOp::timesPartial(RuleBuilder &b, unsigned i, Value v) { return b.mul(v, i == 0 ? getB() : getA()); }

// div: x / 1 = x
OpFoldResult DivOp::fold(FoldAdaptor in) { return keepIf(getA(), in.getB(), 1.0, getY()); }
Value DivOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.div(x[0], x[1]); }
Number DivOp::evaluateScalar(ArrayRef<Number> x) { return x[0].real / x[1].real; }
Value DivOp::timesPartial(RuleBuilder &b, unsigned i, Value v) {
  return i == 0 ? b.div(v, getB()) : b.neg(b.div(b.mul(v, getY()), getB()));
}
