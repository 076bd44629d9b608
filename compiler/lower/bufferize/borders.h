// The memory that stands for a tensor at the border of a function: a bare pointer. A tensor whose sizes named dims
// decide is a flat buffer there and gets its sizes inside.
#pragma once
#include "compiler/lower/fuse/tensor_sizes.h"

namespace graphc::lower {

mlir::MemRefType memrefOf(mlir::RankedTensorType type);
bool isEmpty(mlir::RankedTensorType type);
/// An argument's type. Without elements it is flat: MLIR 19 finds no strides beside a 0 dim and so no bare pointer.
mlir::MemRefType argumentType(mlir::RankedTensorType type);
/// The same bytes under another shape.
mlir::Value reshapeBuffer(mlir::OpBuilder &b, mlir::Value buffer, mlir::MemRefType type,
                          llvm::ArrayRef<graph::Dim> shape, TensorSizes &sizes);

} // namespace graphc::lower
