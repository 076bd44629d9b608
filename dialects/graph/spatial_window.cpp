// spatial_window.h. Entries are below 2^31, so that products of two fit.
#include "dialects/graph/spatial_window.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace graphc::graph {

Shape ImageLayout::image(Dim batch, llvm::ArrayRef<Dim> spatial, Dim channels) const {
  Shape shape{batch};
  if (channelsFirst) shape.push_back(channels);
  shape.append(spatial.begin(), spatial.end());
  if (!channelsFirst) shape.push_back(channels);
  return shape;
}

FailureOr<ImageLayout> imageLayout(std::optional<Location> location, llvm::StringRef mnemonic, llvm::StringRef layout,
                                   size_t rank) {
  if (layout != "nhwc" && layout != "nchw")
    return shapeError(location, "G2003", About::theAttribute("layout"), "'layout' must be 'nhwc' or 'nchw'");
  if (rank < 3 || rank > 5)
    return shapeError(location, "G3008", About::theOperand(0),
                      "'" + mnemonic +
                          "' takes images of 3 to 5 axes (batch, channels and 1 to 3 spatial ones), 'x' has " +
                          llvm::Twine(rank));
  return ImageLayout{layout == "nchw", unsigned(rank - 2)};
}

FailureOr<llvm::SmallVector<int64_t>> perAxis(std::optional<Location> location, llvm::StringRef attribute,
                                              llvm::ArrayRef<int64_t> list, size_t axes, int64_t low) {
  llvm::SmallVector<int64_t> result(list);
  if (list.size() == 1) result.assign(axes, list[0]);
  if (result.size() != axes)
    return shapeError(location, "G2002", About::theAttribute(attribute),
                      "'" + attribute + "' has " + llvm::Twine(list.size()) +
                          " entries, it needs one, or one for each of " + llvm::Twine(axes) + " spatial axes");
  for (int64_t value : result)
    if (value < low || value >= int64_t(1) << 31)
      return shapeError(location, "G2001", About::theAttribute(attribute),
                        "'" + attribute + "' must be at least " + llvm::Twine(low) + " and below 2^31, it is " +
                            llvm::Twine(value));
  return result;
}

namespace {
enum class Same { No, Upper, Lower };

/// Everything that the attributes alone say.
FailureOr<SpatialWindow> readAttributes(std::optional<Location> location, llvm::ArrayRef<Dim> in,
                                        llvm::ArrayRef<int64_t> kernel, const WindowAttributes &attributes,
                                        Same &same) {
  SpatialWindow window;
  size_t axes = in.size();
  window.in.assign(in.begin(), in.end());
  auto extents = perAxis(location, "kernel", kernel, axes, 1);
  if (failed(extents)) return failure();
  auto stride = perAxis(location, "stride", attributes.stride.value_or(llvm::ArrayRef<int64_t>(1)), axes, 1);
  if (failed(stride)) return failure();
  auto dilation = perAxis(location, "dilation", attributes.dilation.value_or(llvm::ArrayRef<int64_t>(1)), axes, 1);
  if (failed(dilation)) return failure();
  window.kernel = *extents;
  window.stride = *stride;
  window.dilation = *dilation;
  window.low.assign(axes, 0);
  window.high.assign(axes, 0);
  same = Same::No;
  if (!attributes.padding) return window;
  if (auto word = dyn_cast<StringAttr>(*attributes.padding)) {
    if (word == "same") same = Same::Upper;
    if (word == "same_lower") same = Same::Lower;
    if (same == Same::No && word != "valid")
      return shapeError(location, "G2003", About::theAttribute("padding"),
                        "'padding' must be 'valid', 'same', 'same_lower', integers or pairs of integers");
    return window;
  }
  llvm::ArrayRef<int64_t> list = cast<DenseI64ArrayAttr>(*attributes.padding).asArrayRef();
  bool pairs = list.size() == 2 * axes;
  if (!pairs && list.size() != axes && list.size() != 1)
    return shapeError(location, "G2002", About::theAttribute("padding"),
                      "'padding' has " + llvm::Twine(list.size()) +
                          " numbers, it needs one, or one or a pair for each of " + llvm::Twine(axes) +
                          " spatial axes");
  auto numbers = perAxis(location, "padding", list, pairs ? 2 * axes : axes, 0);
  if (failed(numbers)) return failure();
  for (size_t i = 0; i < axes; ++i) {
    window.low[i] = (*numbers)[pairs ? 2 * i : i];
    window.high[i] = (*numbers)[pairs ? 2 * i + 1 : i];
  }
  return window;
}

void shareOut(SpatialWindow &window, unsigned i, int64_t total, Same same) {
  window.low[i] = same == Same::Upper ? total / 2 : total - total / 2;
  window.high[i] = total - window.low[i];
}

/// One axis of `same`: as many outputs as input / stride, rounded up.
LogicalResult padSame(std::optional<Location> location, SpatialWindow &window, unsigned i, Same same) {
  const Dim &size = window.in[i];
  int64_t stride = window.stride[i], extent = window.extent(i), total;
  Dim out = size.ceilDiv(stride);
  if (size.isStatic())
    total = (out.staticValue() - 1) * stride + extent - size.staticValue();
  else if (size.exactDiv(stride) || extent == 1)
    total = extent - stride; // an extent of 1 needs none, whatever the size
  else
    return shapeError(location, "G3004", {About::theAttribute("padding"), About::theOperand(0)},
                      "'same' padding of " + size.text() + " by windows of " + llvm::Twine(extent) + " at stride " +
                          llvm::Twine(stride) + " depends on the call, give '" + size.text() + "' a 'multiple_of' " +
                          llvm::Twine(stride) + " or the padding as numbers");
  shareOut(window, i, std::max<int64_t>(total, 0), same);
  window.out.push_back(out);
  return success();
}
} // namespace

FailureOr<SpatialWindow> spatialWindow(std::optional<Location> location, llvm::ArrayRef<Dim> in,
                                       llvm::ArrayRef<int64_t> kernel, const WindowAttributes &attributes,
                                       bool ceilMode) {
  Same same;
  auto window = readAttributes(location, in, kernel, attributes, same);
  if (failed(window)) return failure();
  for (unsigned i = 0; i < in.size(); ++i) {
    if (same != Same::No) {
      if (failed(padSame(location, *window, i, same))) return failure();
      continue;
    }
    int64_t low = window->low[i], high = window->high[i], stride = window->stride[i], extent = window->extent(i);
    Dim room = in[i] + Dim(low + high - extent);
    if (room.low() < 0)
      return shapeError(location, "G3004", {About::theOperand(0), About::theAttribute("padding")},
                        "a kernel of " + llvm::Twine(window->kernel[i]) +
                            (window->dilation[i] > 1 ? " at dilation " + std::to_string(window->dilation[i]) : "") +
                            " does not fit spatial axis " + llvm::Twine(i) + " of size " + in[i].text() +
                            (in[i].isStatic() ? "" : " (at least " + std::to_string(in[i].low()) + ")") +
                            " with padding " + llvm::Twine(low) + " and " + llvm::Twine(high) + ", it reaches over " +
                            llvm::Twine(extent));
    // Rounded up, the last window may begin in the high padding: then in + low counts the windows that do not.
    if (!ceilMode)
      window->out.push_back(room.floorDiv(stride) + Dim(1));
    else if (high - extent + stride <= 0)
      window->out.push_back(room.ceilDiv(stride) + Dim(1));
    else
      window->out.push_back((in[i] + Dim(low)).ceilDiv(stride));
  }
  return window;
}

FailureOr<SpatialWindow> transposedWindow(std::optional<Location> location, llvm::ArrayRef<Dim> in,
                                          llvm::ArrayRef<int64_t> kernel, const WindowAttributes &attributes,
                                          OptionalInts outputPadding) {
  Same same;
  auto window = readAttributes(location, in, kernel, attributes, same);
  if (failed(window)) return failure();
  auto extra = perAxis(location, "output_padding", outputPadding.value_or(llvm::ArrayRef<int64_t>(0)), in.size(), 0);
  if (failed(extra)) return failure();
  for (unsigned i = 0; i < in.size(); ++i) {
    int64_t stride = window->stride[i], extent = window->extent(i);
    if (same != Same::No) {
      shareOut(*window, i, std::max<int64_t>(extent - stride, 0), same);
      window->out.push_back(in[i] * Dim(stride) + Dim((*extra)[i]));
      continue;
    }
    Dim out = (in[i] - Dim(1)) * Dim(stride) + Dim(extent - window->low[i] - window->high[i] + (*extra)[i]);
    if (out.low() < 0)
      return shapeError(location, "G3004", {About::theAttribute("padding"), About::theOperand(0)},
                        "padding " + llvm::Twine(window->low[i]) + " and " + llvm::Twine(window->high[i]) +
                            " takes away more than spatial axis " + llvm::Twine(i) + " of size " + in[i].text() +
                            " gives, " + (out + Dim(window->low[i] + window->high[i])).text());
    window->out.push_back(out);
  }
  return window;
}

} // namespace graphc::graph
