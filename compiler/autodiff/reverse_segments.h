// Which way a loop with a bound goes back (way_of_loops.cpp), and the way in segments (reverse_segments.cpp).
#pragma once
#include "compiler/autodiff/reverse_loop.h"

namespace graphc::autodiff {

/// By what the user wants, or by the limit on memory: keeping what every turn made, its carries alone, or segments.
std::unique_ptr<ReverseControl> reverseOfBounded(DerivedFunctions &derived, mlir::OpBuilder &b, mlir::Operation *op,
                                                 mlir::ValueRange primals, const Mask &varied, const Mask &useful,
                                                 const Paths &params);

/// `loop`: without its forward op. `length`: of a segment, 1 or more.
std::unique_ptr<ReverseControl> reverseInSegments(mlir::OpBuilder &b, std::unique_ptr<ReverseLoop> loop,
                                                  const Paths &params, int64_t length);

} // namespace graphc::autodiff
