// An image with its padding written out, channels last: what a convolution reads whose kernel asks for no bounds.
#pragma once
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/spatial_window.h"

namespace graphc::graph {

/// [batch, low + in + high per spatial axis, channels], zeros in the padding. The image itself where nothing is to do.
mlir::Value paddedImage(Lowering &lowering, mlir::Value image, const ImageLayout &layout, llvm::ArrayRef<Dim> shape,
                        const SpatialWindow &window);
/// The spatial sizes of that.
Shape paddedSizes(const SpatialWindow &window);

} // namespace graphc::graph
