// Reverse mode of a loop in bounded memory (reverse_unbounded.cpp).
#pragma once
#include "compiler/autodiff/reverse_control.h"
#include "dialects/graph/reverse_while.h"

namespace graphc::autodiff {

std::unique_ptr<ReverseControl> reverseOfUnbounded(DerivedFunctions &derived, mlir::OpBuilder &b, graph::WhileOp op,
                                                   mlir::ValueRange primals, const Mask &varied, const Mask &useful,
                                                   const Paths &params);

} // namespace graphc::autodiff
