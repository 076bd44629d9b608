// One number per output element, folded from what the window sees in one channel: pools, and convolutions that keep
// channels apart. With channels last and sums that may lie in the result's own memory the innermost loop runs over
// channels, so that it can be vectorized; else it runs over the window and carries the sum.
#pragma once
#include "dialects/graph/image_columns.h"

namespace graphc::graph {

struct WindowFold {
  using Value = mlir::Value;
  /// `filter`: a second in, [kernel..., result channels]; null without one.
  Value filter;
  int64_t multiplier = 1; // result channels per channel of the image
  bool transposed = false;
  /// What a step gets outside the image: a zero, or nothing (no step).
  bool zerosOutside = false;
  /// Where count() is asked for: positions of the padding count too, but not those behind it.
  bool countPadding = false;
  Dtype filterDtype = Dtype::F32;
  /// In compute types. `other`: of the filter, or null.
  llvm::function_ref<Value(LoopWriter &)> init;
  llvm::function_ref<Value(LoopWriter &, Value sum, Value x, Value other)> step;
  llvm::function_ref<Value(LoopWriter &, Value sum, Value count)> finish; // may be null
};

/// The op's result.
mlir::Value foldWindows(Lowering &lowering, const ImageLayout &layout, const SpatialWindow &window,
                        const WindowFold &fold);

} // namespace graphc::graph
