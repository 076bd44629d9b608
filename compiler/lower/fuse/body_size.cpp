// body_size.h.
#include "compiler/lower/fuse/body_size.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

bool graphc::lower::isFunction(Operation &op) {
  return isa<math::MathDialect>(op.getDialect()) && !isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::FmaOp>(op);
}

size_t graphc::lower::bodySize(Operation *op) {
  size_t size = 0;
  for (Operation &inner : cast<linalg::LinalgOp>(op).getBlock()->without_terminator())
    size += isFunction(inner) ? 24 : 1;
  return size;
}
