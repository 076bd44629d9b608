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

/// True for windows one step apart, seen without gaps, of numbers alone.
static bool isPlain(const SpatialWindow &window, Value image, Value ct) {
  auto isOne = [](int64_t step) { return step == 1; };
  return llvm::all_of(window.stride, isOne) && llvm::all_of(window.dilation, isOne) && typeOf(image).hasStaticShape() &&
         typeOf(ct).hasStaticShape();
}

/// True if the windows, one step apart and without padding, end where the image does.
static bool fillsImage(const SpatialWindow &window) {
  for (size_t i = 0; i < window.kernel.size(); ++i)
    if (window.low[i] || window.high[i] || window.in[i] != window.out[i] + Dim(window.kernel[i] - 1)) return false;
  return true;
}

/// True where a kernel is larger than the result: a gradient of filters, or a layer that sees all of its image at once.
static bool seesMoreThanItMakes(const SpatialWindow &window) {
  return llvm::any_of(llvm::zip_equal(window.kernel, window.out),
                      [](auto axis) { return Dim(std::get<0>(axis)).staticValue() > std::get<1>(axis).staticValue(); });
}

/// `axes` in this order; the spatial ones, which keep theirs, stand for the place of -1.
static Value arranged(RuleBuilder &b, Value x, llvm::ArrayRef<int64_t> axes) {
  int64_t rank = typeOf(x).getRank();
  Permutation perm;
  for (int64_t axis : axes) {
    if (axis >= 0)
      perm.push_back(axis);
    else
      for (int64_t spatial = 0; spatial < rank; ++spatial)
        if (!llvm::is_contained(axes, spatial)) perm.push_back(spatial);
  }
  return b.permute(x, perm);
}

/// A small result is the smaller filter: image and filter change their roles, batch and channels theirs. Channels last.
static Value imageGradientByFewResults(RuleBuilder &b, Value ct, Value weight, const SpatialWindow &window) {
  int64_t last = typeOf(ct).getRank() - 1;
  llvm::SmallVector<int64_t> padding, axes;
  for (int64_t i = 0; i + 1 < last; ++i) {
    int64_t reach = window.out[i].staticValue() - 1;
    padding.append({reach, reach});
    axes.push_back(i);
  }
  Value image = arranged(b, weight, {last, -1, last - 1}), filter = arranged(b, ct, {-1, last, 0});
  Value made = b.op<ConvOp>({image, b.op<FlipOp>(filter, b.ints("axis", axes))}, {b.ints("padding", padding)});
  return arranged(b, made, {last, -1, 0});
}

Value imageGradient(RuleBuilder &b, Value ct, Value weight, const SpatialWindow &window, const ImageLayout &layout,
                    int64_t groups) {
  if (groups == 1 && !layout.channelsFirst && isPlain(window, ct, weight) && seesMoreThanItMakes(window) &&
      fillsImage(window))
    return imageGradientByFewResults(b, ct, weight, window);
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

/// The filter's gradient as one convolution of the image by the cotangent: no position of the kernel asks for a copy of
/// what it sees. With the batch as one more axis that is summed over, ct is the filter as it lies; where there are
/// three axes already or the result is small, the batch takes the place of the channels. Channels last; null where that
/// is not possible, or, in types whose convolutions are made of columns, not good.
static Value filterGradientByConvolution(RuleBuilder &b, Value image, Value ct, const SpatialWindow &window) {
  Shape in = shapeOf(image), out = shapeOf(ct);
  int64_t last = typeOf(ct).getRank() - 1;
  Type element = typeOf(image).getElementType();
  if (!(element.isF32() || element.isF64()) || !isPlain(window, image, ct)) return {};
  for (int64_t i = 0; i + 1 < last; ++i)
    if (in[i + 1] != out[i + 1] + Dim(window.kernel[i] - 1)) return {}; // a last window that ends behind the image
  Value made;                                                           // [channels, kernel..., filters]
  if (last > 3 || seesMoreThanItMakes(window)) {
    made = b.op<ConvOp>({arranged(b, image, {last, -1, 0}), arranged(b, ct, {-1, 0, last})});
  } else {
    Shape images{in[last]}, filters(out);
    images.append(in.begin(), in.end() - 1);
    images.push_back(1);
    filters.insert(filters.end() - 1, 1);
    Value all = b.op<ConvOp>({b.reshape(arranged(b, image, {last, 0, -1}), images), b.reshape(ct, filters)});
    Shape shape = shapeOf(all);
    shape.erase(shape.begin() + 1);
    made = b.reshape(all, shape);
  }
  return arranged(b, made, {-1, 0, last});
}

Value filterGradient(RuleBuilder &b, Value image, Value ct, const SpatialWindow &window, const ImageLayout &layout,
                     int64_t groups) {
  size_t rank = typeOf(image).getRank();
  image = b.pad(image, imagePadding(window, layout, rank));
  if (groups == 1 && llvm::any_of(window.kernel, [](int64_t size) { return size > 1; })) {
    auto channelsLast = [&](Value x) { return layout.channelsFirst ? b.permute(x, channelsLastPerm(rank)) : x; };
    if (Value made = filterGradientByConvolution(b, channelsLast(image), channelsLast(ct), window)) return made;
  }
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
