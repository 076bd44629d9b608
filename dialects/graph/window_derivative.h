// Derivatives of what slides windows over images, in graph ops: what the image and the filter of a convolution get from
// the cotangent of its result. Sizes may be named dims; where a difference of sizes is then no number, a few elements
// too many are made and the right ones taken.
#pragma once
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/spatial_window.h"

namespace graphc::graph {

/// The image's, of sizes window.in, from that of what window.out says. weight: [kernel..., channels of ct, channels of
/// the image / groups], as conv_transpose has it.
mlir::Value imageGradient(RuleBuilder &b, mlir::Value ct, mlir::Value weight, const SpatialWindow &window,
                          const ImageLayout &layout, int64_t groups);
/// The filter's: [kernel..., channels of the image / groups, channels of ct]. One convolution of the image by ct where
/// sizes are numbers and windows one step apart; else one matrix product per position of the kernel, of what it sees.
mlir::Value filterGradient(RuleBuilder &b, mlir::Value image, mlir::Value ct, const SpatialWindow &window,
                           const ImageLayout &layout, int64_t groups);
/// The last two axes changed places.
mlir::Value swapLast(RuleBuilder &b, mlir::Value x);
/// For each window what the position `tap` of its kernel sees of an image that was padded by low and high.
mlir::Value seenBy(RuleBuilder &b, mlir::Value padded, llvm::ArrayRef<int64_t> tap, const SpatialWindow &window,
                   const ImageLayout &layout);
/// Calls for each position of the kernel, the last axis fastest.
void forEachTap(const SpatialWindow &window, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit);
/// The padding of the spatial axes as `pad` has it, with `more` elements behind each.
llvm::SmallVector<int64_t> imagePadding(const SpatialWindow &window, const ImageLayout &layout, size_t rank,
                                        llvm::ArrayRef<int64_t> more = {});

} // namespace graphc::graph
