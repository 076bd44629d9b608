// Convolution as a matrix product: the matrix with one row per output pixel whose columns are what the window sees
// there, kernel positions outermost and the channels of a group innermost, as the rows of the filter. Zeros stand where
// the window leaves the image.
#pragma once
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/spatial_window.h"

namespace graphc::graph {

/// How far along each spatial axis of `in` the window at output `at` and kernel position `tap` reaches: position, and
/// whether that is inside. Of a transposed window also whether the stride hits it.
struct WindowPosition {
  llvm::SmallVector<mlir::Value> position; // clamped into the image
  mlir::Value inside;                      // i1
};
/// What `windowPosition` needs of sizes: in, stride, dilation, low; each one per axis.
Shape windowSizes(const SpatialWindow &window);
WindowPosition windowPosition(LoopWriter &w, mlir::ValueRange windowSizes, mlir::ValueRange at, mlir::ValueRange tap,
                              bool transposed);

/// [groups, batch * out..., kernel... * channels / groups] of the image's element type. One group: without the first
/// axis.
mlir::Value imageColumns(Lowering &lowering, mlir::Value image, const ImageLayout &layout, llvm::ArrayRef<Dim> shape,
                         const SpatialWindow &window, int64_t groups, bool transposed);

} // namespace graphc::graph
