// All sizes are bounded here (2^31), so that sums and products of them cannot overflow.
#include "compiler/onnx/window.h"

namespace graphc::onnx {

static constexpr int64_t maxSize = int64_t(1) << 31;

static bool inRange(llvm::ArrayRef<int64_t> list, size_t count, int64_t low) {
  return list.size() == count && llvm::all_of(list, [&](int64_t x) { return x >= low && x < maxSize; });
}

/// TensorFlow's SAME: as many outputs as input / stride, rounded up; the odd pad at the end, or at the start.
static std::pair<int64_t, int64_t> samePads(int64_t size, int64_t stride, int64_t extent, bool atEnd) {
  int64_t count = (size + stride - 1) / stride, total = std::max<int64_t>(0, (count - 1) * stride + extent - size);
  int64_t half = total / 2;
  return atEnd ? std::pair(half, total - half) : std::pair(total - half, half);
}

std::optional<Window> readWindow(NodeBuilder &n, const Value &x, Ints kernel, bool transposed) {
  Window window;
  size_t count = kernel.size();
  Ints given = n.integers("kernel_shape", kernel);
  window.kernel = std::move(kernel);
  window.stride = n.integers("strides", Ints(count, 1));
  window.dilation = n.integers("dilations", Ints(count, 1));
  Ints pads = n.integers("pads", Ints(2 * count, 0));
  std::string automatic = n.text("auto_pad", "NOTSET");
  if (n.failed()) return std::nullopt;
  if (given != window.kernel || !inRange(window.kernel, count, 1) || !inRange(window.stride, count, 1) ||
      !inRange(window.dilation, count, 1) || !inRange(pads, 2 * count, 0) ||
      static_cast<int64_t>(count) != x.rank() - 2 || !inRange(x.shape().drop_front(2), count, 0)) {
    n.error("G0202", "'kernel_shape', 'strides', 'dilations' and 'pads' do not fit its input, or are out of range");
    return std::nullopt;
  }
  bool upper = automatic == "SAME_UPPER", lower = automatic == "SAME_LOWER";
  for (size_t i = 0; i < count; ++i) {
    if (window.extent(i) >= maxSize) {
      n.error("G0202", "its kernel reaches too far");
      return std::nullopt;
    }
    if ((upper || lower) && !transposed)
      window.padding.list.push_back(
          samePads(x.dim(static_cast<int64_t>(i) + 2), window.stride[i], window.extent(i), upper));
    else if (automatic == "VALID")
      window.padding.list.push_back({0, 0});
    else
      window.padding.list.push_back({pads[i], pads[i + count]});
  }
  if (automatic == "NOTSET" || automatic == "VALID" || upper || lower) return window;
  n.error("G0202", "attribute 'auto_pad' is no word that ONNX knows");
  return std::nullopt;
}

} // namespace graphc::onnx
