// Elementwise arithmetic of two operands: per op the folds that are exact for every bit pattern, the scalar operation
// as code, and as evaluation. x + 0 is no fold (it turns -0 into 0), x * 0 neither (NaN, infinity).
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

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
Value AddOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) { return b.create<arith::AddFOp>(l, x[0], x[1]); }
Jet AddOp::evaluateScalar(ArrayRef<Jet> x) { return x[0] + x[1]; }

// sub: x - 0 = x
OpFoldResult SubOp::fold(FoldAdaptor in) { return keepIf(getA(), in.getB(), 0.0, getY()); }
Value SubOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) { return b.create<arith::SubFOp>(l, x[0], x[1]); }
Jet SubOp::evaluateScalar(ArrayRef<Jet> x) { return x[0] - x[1]; }

// mul: x * 1 = x
OpFoldResult MulOp::fold(FoldAdaptor in) {
  if (Value a = keepIf(getA(), in.getB(), 1.0, getY())) return a;
  return keepIf(getB(), in.getA(), 1.0, getY());
}
Value MulOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) { return b.create<arith::MulFOp>(l, x[0], x[1]); }
Jet MulOp::evaluateScalar(ArrayRef<Jet> x) { return x[0] * x[1]; }

// div: x / 1 = x
OpFoldResult DivOp::fold(FoldAdaptor in) { return keepIf(getA(), in.getB(), 1.0, getY()); }
Value DivOp::lowerScalar(OpBuilder &b, Location l, ValueRange x) { return b.create<arith::DivFOp>(l, x[0], x[1]); }
Jet DivOp::evaluateScalar(ArrayRef<Jet> x) { return x[0] / x[1]; }
