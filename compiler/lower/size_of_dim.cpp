// A symbol is a part of its dim (dim / multiple_of). Where a term's number holds the multiple, they cancel: the size B
// is written as B, not as 8 * (B / 8).
#include "compiler/lower/size_of_dim.h"

using namespace mlir;
using namespace graphc;
using support::SizeExpression;

namespace {
/// The operands of nested sums or products, in their order.
SmallVector<AffineExpr> operandsOf(AffineExpr e, AffineExprKind kind) {
  SmallVector<AffineExpr> pending{e}, operands;
  while (!pending.empty()) {
    AffineExpr next = pending.pop_back_val();
    if (next.getKind() != kind) {
      operands.push_back(next);
      continue;
    }
    auto binary = cast<AffineBinaryOpExpr>(next);
    pending.push_back(binary.getRHS());
    pending.push_back(binary.getLHS());
  }
  return operands;
}

struct Writer {
  ArrayRef<graph::DimAttr> symbols, dims;

  /// As deep as the roundings in the user's formula.
  std::optional<SizeExpression> write(AffineExpr e) {
    std::optional<SizeExpression> sum;
    for (AffineExpr operand : operandsOf(e, AffineExprKind::Add)) {
      std::optional<SizeExpression> term = writeTerm(operand);
      if (!term) return std::nullopt;
      sum = sum ? *sum + *term : *term;
    }
    return sum;
  }

  std::optional<SizeExpression> writeTerm(AffineExpr e) {
    int64_t number = 1;
    SmallVector<AffineExpr> factors;
    for (AffineExpr factor : operandsOf(e, AffineExprKind::Mul)) {
      if (auto constant = dyn_cast<AffineConstantExpr>(factor))
        number *= constant.getValue(); // of a normal form: one number at most
      else
        factors.push_back(factor);
    }
    std::optional<SizeExpression> product;
    for (AffineExpr factor : factors) {
      std::optional<SizeExpression> written = writeFactor(factor, number);
      if (!written) return std::nullopt;
      product = product ? *product * *written : *written;
    }
    if (!product) return SizeExpression(number);
    return number == 1 ? *product : SizeExpression(number) * *product;
  }

  /// Takes the symbol's multiple out of `number` where it is in it.
  std::optional<SizeExpression> writeFactor(AffineExpr e, int64_t &number) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(e)) {
      graph::DimAttr dim = symbols[symbol.getPosition()];
      auto found = llvm::find(dims, dim);
      if (found == dims.end()) return std::nullopt;
      SizeExpression whole = SizeExpression::dim(found - dims.begin());
      if (number % dim.getMultipleOf() != 0) return whole.floorDiv(dim.getMultipleOf());
      number /= dim.getMultipleOf();
      return whole;
    }
    auto divisor = dyn_cast<AffineConstantExpr>(cast<AffineBinaryOpExpr>(e).getRHS());
    if (e.getKind() != AffineExprKind::FloorDiv || !divisor) return std::nullopt;
    std::optional<SizeExpression> inner = write(cast<AffineBinaryOpExpr>(e).getLHS());
    return inner ? std::optional(inner->floorDiv(divisor.getValue())) : std::nullopt;
  }
};
} // namespace

std::optional<SizeExpression> lower::sizeExpression(const graph::Dim &size, ArrayRef<graph::DimAttr> dims) {
  if (size.isStatic()) return SizeExpression(size.staticValue());
  return Writer{size.symbols(), dims}.write(size.affine());
}

support::DimDescription lower::describeDim(graph::DimAttr dim) {
  support::DimDescription description;
  description.name = dim.getName().str();
  description.min = dim.getMin();
  description.max = dim.getMax();
  description.multipleOf = dim.getMultipleOf();
  return description;
}
