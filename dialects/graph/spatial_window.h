// Windows that slide over the spatial axes of images: what convolutions and pools share. Reads their attributes (one
// integer stands for all axes), finds padding and output sizes, and reports what does not fit (G2001, G2002, G2003,
// G3004). Padding is always a number: `same` is accepted where it is one for every value of a named dim.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/shape_error.h"
#include <optional>

namespace graphc::graph {

/// Where the axes of an image lie: [batch, spatial..., channels] or [batch, channels, spatial...].
struct ImageLayout {
  bool channelsFirst = false;
  unsigned spatialRank = 2;
  unsigned channelAxis() const { return channelsFirst ? 1 : spatialRank + 1; }
  unsigned spatialAxis(unsigned i) const { return i + (channelsFirst ? 2 : 1); }
  Shape spatial(llvm::ArrayRef<Dim> image) const { return Shape(image.slice(spatialAxis(0), spatialRank)); }
  Shape image(Dim batch, llvm::ArrayRef<Dim> spatial, Dim channels) const;
};
/// From attribute `layout` and the image, operand 0 of 3 to 5 axes (G3008).
mlir::FailureOr<ImageLayout> imageLayout(std::optional<mlir::Location> location, llvm::StringRef mnemonic,
                                         llvm::StringRef layout, size_t rank);

/// All per spatial axis.
struct SpatialWindow {
  Shape in, out;
  llvm::SmallVector<int64_t> kernel, stride, dilation, low, high; // low, high: padding
  int64_t extent(unsigned i) const { return (kernel[i] - 1) * dilation[i] + 1; }
  Shape kernelShape() const { return Shape(kernel.begin(), kernel.end()); }
};

using OptionalInts = std::optional<llvm::ArrayRef<int64_t>>;
struct WindowAttributes {
  OptionalInts stride, dilation;          // 1 where not given
  std::optional<mlir::Attribute> padding; // Graph_PaddingAttr, "valid" where not given
};

/// The list with one entry per axis, each in [low, 2^31).
mlir::FailureOr<llvm::SmallVector<int64_t>> perAxis(std::optional<mlir::Location> location, llvm::StringRef attribute,
                                                    llvm::ArrayRef<int64_t> list, size_t axes, int64_t low);

/// out = floor((in + low + high - extent) / stride) + 1; with `ceilMode` rounded up, but no window begins behind the
/// image and its low padding.
mlir::FailureOr<SpatialWindow> spatialWindow(std::optional<mlir::Location> location, llvm::ArrayRef<Dim> in,
                                             llvm::ArrayRef<int64_t> kernel, const WindowAttributes &attributes,
                                             bool ceilMode = false);

/// The window whose convolution this is the transpose of: `in` is what that gives, `out` what it takes;
/// out = (in - 1) stride + extent - low - high + outputPadding, and in * stride + outputPadding for `same`.
mlir::FailureOr<SpatialWindow> transposedWindow(std::optional<mlir::Location> location, llvm::ArrayRef<Dim> in,
                                                llvm::ArrayRef<int64_t> kernel, const WindowAttributes &attributes,
                                                OptionalInts outputPadding);

} // namespace graphc::graph
