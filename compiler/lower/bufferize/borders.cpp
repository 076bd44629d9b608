// borders.h.
#include "compiler/lower/bufferize/borders.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc;

MemRefType lower::memrefOf(RankedTensorType type) { return MemRefType::get(type.getShape(), type.getElementType()); }

bool lower::isEmpty(RankedTensorType type) { return llvm::is_contained(type.getShape(), 0); }

MemRefType lower::argumentType(RankedTensorType type) {
  if (isEmpty(type)) return MemRefType::get({0}, type.getElementType());
  return type.hasStaticShape() ? memrefOf(type) : graph::flatBuffer(type.getElementType());
}

Value lower::reshapeBuffer(OpBuilder &b, Value buffer, MemRefType type, ArrayRef<graph::Dim> shape,
                           TensorSizes &sizes) {
  if (buffer.getType() == type) return buffer;
  SmallVector<OpFoldResult> extents, strides;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    extents.push_back(sizes.value(shape[axis]));
    strides.push_back(sizes.value(productOf(shape.drop_front(axis + 1))));
  }
  return b.create<memref::ReinterpretCastOp>(buffer.getLoc(), type, buffer, b.getIndexAttr(0), extents, strides);
}
