// permuted.h.
#include "dialects/graph/permuted.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace graphc::graph {

Value permuted(Lowering &l, Value tensor, llvm::ArrayRef<Dim> shape, llvm::ArrayRef<int64_t> perm) {
  if (llvm::is_sorted(perm)) return tensor;
  Shape to;
  SmallVector<AffineExpr> axes(shape.size());
  for (auto [i, axis] : llvm::enumerate(perm)) {
    to.push_back(shape[axis]);
    axes[axis] = l.getAffineDimExpr(i);
  }
  Value init = l.empty(to, getElementTypeOrSelf(tensor.getType()));
  SmallVector<AffineMap> maps{AffineMap::get(shape.size(), 0, axes, l.getContext()),
                              l.getMultiDimIdentityMap(shape.size())};
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  auto copy = l.create<linalg::GenericOp>(
      TypeRange(init.getType()), tensor, init, maps, iterators,
      [](OpBuilder &b, Location where, ValueRange scalar) { b.create<linalg::YieldOp>(where, scalar[0]); });
  return copy.getResult(0);
}

} // namespace graphc::graph
