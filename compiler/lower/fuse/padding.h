// The zeros (or other constants) around an image. Roots that can look past an image's border take its tensor.pad in, so
// that the padded image never exists; for all others it is made by loops.
#pragma once
#include "compiler/lower/fuse/tensor_sizes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace graphc::lower {

/// The op that pads `image` with one constant, behind casts; null: none.
mlir::tensor::PadOp paddingOf(mlir::Value image);

/// Makes the padded tensors of a block by graph.loops for every reader but those that take the padding in.
mlir::LogicalResult makePaddedTensors(mlir::Block &block, const TensorSizes &sizes, mlir::func::FuncOp function,
                                      llvm::function_ref<bool(mlir::Operation *)> takesPaddingIn);

} // namespace graphc::lower
