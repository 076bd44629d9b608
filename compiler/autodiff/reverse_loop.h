// Reverse mode of loops (reverse_control.h).
#pragma once
#include "compiler/autodiff/reverse_control.h"

namespace graphc::autodiff {

std::unique_ptr<ReverseControl> reverseOfLoop(DerivedFunctions &derived, mlir::OpBuilder &b, mlir::Operation *op,
                                              mlir::ValueRange primals, const Mask &varied, const Mask &useful,
                                              const Paths &params);

} // namespace graphc::autodiff
