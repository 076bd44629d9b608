// body_size.h.
#include "compiler/lower/fuse/body_size.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

size_t graphc::lower::bodySize(Operation *op) {
  size_t size = 0;
  for (Operation &inner : cast<linalg::LinalgOp>(op).getBlock()->without_terminator())
    size += isa<math::MathDialect>(inner.getDialect()) ? 24 : 1;
  return size;
}
