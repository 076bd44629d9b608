// body_size.h.
#include "compiler/lower/fuse/body_size.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

bool graphc::lower::isFunction(Operation &op) {
  return isa<math::MathDialect>(op.getDialect()) && !isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::FmaOp>(op);
}

size_t graphc::lower::bodySize(Block &body) {
  size_t size = 0;
  for (Operation &op : body.without_terminator()) size += isFunction(op) ? 24 : 1;
  return size;
}

size_t graphc::lower::bodySize(Operation *op) { return bodySize(*cast<linalg::LinalgOp>(op).getBlock()); }

bool graphc::lower::staySmall(Operation *producer, Operation *consumer) {
  constexpr size_t largestBody = 256;
  return bodySize(producer) + bodySize(consumer) <= largestBody;
}
