// broadcast_shape.h: the rule, and the two ways to walk an operand by it.
#include "dialects/graph/broadcast_shape.h"
#include "dialects/graph/operand_type.h"
#include "mlir/IR/AffineExpr.h"

using namespace mlir;

namespace graphc::graph {

/// Size of axis `i` of a result of rank `rank` in an operand: missing axes count as 1.
static Dim alignedSize(llvm::ArrayRef<Dim> shape, size_t rank, size_t i) {
  size_t missing = rank - shape.size();
  return i < missing ? Dim(1) : shape[i - missing];
}

FailureOr<Shape> broadcastShape(std::optional<Location> location, llvm::ArrayRef<Dim> a, int operandA,
                                llvm::ArrayRef<Dim> b, int operandB) {
  size_t rank = std::max(a.size(), b.size());
  Shape shape;
  for (size_t i = 0; i < rank; ++i) {
    Dim sizeA = alignedSize(a, rank, i), sizeB = alignedSize(b, rank, i);
    if (sizeA != sizeB && !sizeA.is(1) && !sizeB.is(1)) {
      int64_t axis = a.size() == b.size() ? int64_t(i) : int64_t(i) - int64_t(rank); // from the end if the ranks differ
      return shapeError(location, "G3001", {About::theOperand(operandB), About::theOperand(operandA)},
                        "cannot combine " + shapeText(a) + " with " + shapeText(b) + ": axis " + llvm::Twine(axis) +
                            " is " + sizeA.text() + " and " + sizeB.text());
    }
    shape.push_back(sizeA.is(1) ? sizeB : sizeA);
  }
  return shape;
}

AffineMap broadcastMap(MLIRContext *context, llvm::ArrayRef<Dim> from, llvm::ArrayRef<Dim> shape) {
  size_t missing = shape.size() - from.size();
  llvm::SmallVector<AffineExpr> results;
  for (size_t i = 0; i < from.size(); ++i) {
    bool stretched = from[i].is(1) && !shape[missing + i].is(1);
    results.push_back(stretched ? getAffineConstantExpr(0, context) : getAffineDimExpr(missing + i, context));
  }
  return AffineMap::get(shape.size(), 0, results, context);
}

llvm::SmallVector<int64_t> broadcastStrides(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> strides(shape.size(), 0);
  size_t missing = shape.size() - from.size();
  int64_t stride = 1;
  for (size_t i = from.size(); i-- > 0;) {
    if (from[i] != 1) strides[missing + i] = stride;
    stride *= from[i];
  }
  return strides;
}

} // namespace graphc::graph
