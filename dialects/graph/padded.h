// A tensor with elements around it: pad, and the images of convolutions.
#pragma once
#include "dialects/graph/lowering.h"

namespace graphc::graph {

struct PaddedSide { // of an axis: elements put before and behind; negative: taken away
  int64_t low = 0, high = 0;
};

/// `mode` is one of pad's; `value`, of the tensor's element type, is what "constant" puts there. The tensor itself
/// where nothing is to do.
mlir::Value padded(Lowering &lowering, mlir::Value tensor, llvm::ArrayRef<Dim> shape, llvm::ArrayRef<PaddedSide> sides,
                   llvm::StringRef mode, mlir::TypedAttr value);

} // namespace graphc::graph
