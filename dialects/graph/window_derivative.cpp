// window_derivative.h.
#include "dialects/graph/window_derivative.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/row_major.h"

using namespace mlir;

namespace graphc::graph {

Value swapLast(RuleBuilder &b, Value x) {
  Permutation perm = llvm::to_vector(llvm::seq<int64_t>(0, typeOf(x).getRank()));
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return b.permute(x, perm);
}

void forEachTap(const SpatialWindow &window, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit) {
  forEachIndex(window.kernel, visit);
}

llvm::SmallVector<int64_t> imagePadding(const SpatialWindow &window, const ImageLayout &layout, size_t rank,
                                        llvm::ArrayRef<int64_t> more) {
  llvm::SmallVector<int64_t> pairs(2 * rank, 0);
  for (unsigned i = 0; i < layout.spatialRank; ++i) {
    pairs[2 * layout.spatialAxis(i)] = window.low[i];
    pairs[2 * layout.spatialAxis(i) + 1] = window.high[i] + (more.empty() ? 0 : more[i]);
  }
  return pairs;
}

Value seenBy(RuleBuilder &b, Value padded, llvm::ArrayRef<int64_t> tap, const SpatialWindow &window,
             const ImageLayout &layout) {
  for (unsigned i = 0; i < layout.spatialRank; ++i)
    padded = b.strided(padded, layout.spatialAxis(i), tap[i] * window.dilation[i], window.out[i], window.stride[i]);
  return padded;
}

/// At stride 1 the image's gradient is a convolution too, by the filter turned around: faster than conv_transpose,
/// which is made for strides. Null where the padding is larger than the kernel.
static Value imageGradientByConvolution(RuleBuilder &b, Value ct, Value weight, const SpatialWindow &window,
                                        const ImageLayout &layout) {
  llvm::SmallVector<int64_t> padding, axes;
  for (unsigned i = 0; i < layout.spatialRank; ++i) {
    int64_t reach = window.extent(i) - 1, low = reach - window.low[i], high = reach - window.high[i];
    if (window.stride[i] != 1 || low < 0 || high < 0) return {};
    if (window.in[i] != window.out[i] + Dim(low + high - reach)) return {}; // a last window that ends behind the image
    padding.append({low, high});
    axes.push_back(i);
  }
  Value turned = b.op<FlipOp>(weight, b.ints("axis", axes));
  return b.op<ConvOp>({ct, turned}, {b.ints("dilation", window.dilation), b.ints("padding", padding),
                                     b.word("layout", layout.channelsFirst ? "nchw" : "nhwc")});
}

Value imageGradient(RuleBuilder &b, Value ct, Value weight, const SpatialWindow &window, const ImageLayout &layout,
                    int64_t groups) {
  if (groups == 1)
    if (Value image = imageGradientByConvolution(b, ct, weight, window, layout)) return image;
  llvm::SmallVector<int64_t> padding, more;
  for (unsigned i = 0; i < layout.spatialRank; ++i) {
    Dim reached = (window.out[i] - Dim(1)) * Dim(window.stride[i]) + Dim(window.extent(i) - window.low[i]);
    Dim missing = window.in[i] - reached;
    int64_t spare = missing.isStatic() ? missing.staticValue() : window.stride[i] - 1 - window.high[i];
    padding.push_back(window.low[i]);
    padding.push_back(std::max<int64_t>(-spare, 0));
    more.push_back(std::max<int64_t>(spare, 0));
  }
  Value image = b.op<ConvTransposeOp>(
      {ct, weight}, {b.ints("stride", window.stride), b.ints("dilation", window.dilation), b.ints("padding", padding),
                     b.integer("groups", groups), b.word("layout", layout.channelsFirst ? "nchw" : "nhwc"),
                     b.ints("output_padding", more)});
  for (unsigned i = 0; i < layout.spatialRank; ++i) image = b.strided(image, layout.spatialAxis(i), 0, window.in[i], 1);
  return image;
}

Value filterGradient(RuleBuilder &b, Value image, Value ct, const SpatialWindow &window, const ImageLayout &layout,
                     int64_t groups) {
  size_t rank = typeOf(image).getRank();
  image = b.pad(image, imagePadding(window, layout, rank));
  /// [rows, groups, channels of a group]: one row per window.
  auto rows = [&](Value x) {
    if (layout.channelsFirst) x = b.permute(x, channelsLastPerm(rank));
    Shape shape = shapeOf(x);
    Dim count = elementCount(llvm::ArrayRef(shape).drop_back()), channels = shape.back();
    if (groups == 1) return b.reshape(x, {count, channels});
    return b.reshape(x, {count, Dim(groups), *channels.exactDiv(groups)});
  };
  Value right = rows(ct);
  llvm::SmallVector<Value> taps;
  forEachTap(window, [&](llvm::ArrayRef<int64_t> tap) {
    Value left = rows(seenBy(b, image, tap, window, layout));
    if (groups == 1)
      taps.push_back(b.op<MatmulOp>({left, right}, b.flag("transpose_a")));
    else
      taps.push_back(b.op<EinsumOp>({left, right}, b.word("equation", "rgc,rgf->cgf")));
  });
  Value stacked = b.stack(taps);
  Shape all = shapeOf(stacked), shape = window.kernelShape();
  shape.push_back(all[1]);
  shape.push_back(groups == 1 ? all[2] : all[2] * all[3]);
  return b.reshape(stacked, shape);
}

} // namespace graphc::graph
