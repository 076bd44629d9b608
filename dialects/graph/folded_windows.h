// Windows of an image folded channel by channel, as one linalg.generic over
// (batch, out..., channels, kernel...): depthwise convolutions and pools of images with channels last. The padding is a
// tensor.pad of its own, which the kernel of the group takes in; no padded image is made.
#pragma once
#include "dialects/graph/lowering.h"
#include "dialects/graph/spatial_window.h"

namespace graphc::graph {

struct WindowsToFold {
  mlir::Value image; // [batch, in..., channels]
  Dim batch, channels;
  const SpatialWindow &window;
  mlir::Value filter;      // [kernel..., channels], or null
  mlir::TypedAttr padding; // what stands outside the image, of its element type
  mlir::TypedAttr init;    // of the sum's type
};

/// True if a kernel can be made for such a window: the elements outside the image are few enough to be told apart.
bool canFold(const SpatialWindow &window);
/// [batch, out..., channels] of the sum's type. `step` gives the next sum from the sum, an element of the image and, if
/// there is a filter, one of the filter.
mlir::Value foldedWindows(Lowering &lowering, const WindowsToFold &windows,
                          llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::ValueRange)> step);

/// An image [batch, in..., channels] with `value` around it, as a tensor.pad: what runs it may take that in. `low`,
/// `high`: elements before and behind, per spatial axis. The image itself where there are none.
mlir::Value paddedImage(Lowering &lowering, mlir::Value image, const Dim &batch, llvm::ArrayRef<Dim> in,
                        llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high, const Dim &channels,
                        mlir::TypedAttr value);

} // namespace graphc::graph
