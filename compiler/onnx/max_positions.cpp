// No op of the graph says where a window's maximum lies, and only this operator asks for it; so it is written in ops
// that exist. Every position of the kernel (a tap) sees a strided part of the padded input; the taps are stacked,
// argmax says which one wins, the first of equals, and the number of the tap becomes a position by arithmetic along
// each axis.
#include "compiler/onnx/max_positions.h"
#include "compiler/onnx/window.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

constexpr int64_t maxTaps = 1024; // each is an op

class Positions {
public:
  Positions(NodeBuilder &n, Value x, Value y, Window window)
      : n(n), x(std::move(x)), y(std::move(y)), window(std::move(window)) {}
  Value find(bool reversed);

private:
  Value integer(int64_t value) { return n.number(Dtype::I64, static_cast<double>(value)); }
  Value winners();
  Value alongAxis(Value tap, size_t axis);

  NodeBuilder &n;
  Value x, y;
  Window window;
};

/// What all windows see at each tap is a slice of x, once it is padded as far as the last window reaches.
Value Positions::winners() {
  Pairs padding;
  padding.list.assign(x.rank(), {0, 0});
  Values parts = {x};
  for (auto [i, low] : llvm::enumerate(llvm::make_first_range(window.padding.list))) {
    auto axis = static_cast<int64_t>(i) + 2;
    int64_t reach = (y.dim(axis) - 1) * window.stride[i] + window.extent(i);
    padding.list[axis] = {low, std::max<int64_t>(0, reach - low - x.dim(axis))};
  }
  double least = n.limit(x.dtype(), false).constant()->real(0);
  parts[0] = n.op("pad", x, {{"padding", padding}, {"value", least}});
  for (size_t i = 0; i < window.kernel.size() && !n.failed(); ++i) { // the last axis' taps end up next to each other
    Values finer;
    auto axis = static_cast<int64_t>(i) + 2;
    int64_t span = (y.dim(axis) - 1) * window.stride[i] + 1;
    for (const Value &part : parts)
      for (int64_t tap = 0; tap < window.kernel[i]; ++tap) {
        int64_t start = tap * window.dilation[i];
        finer.push_back(n.slice(part, axis, start, start + span, window.stride[i]));
      }
    parts = std::move(finer);
  }
  Value stacked = n.op("stack", parts, {{"axis", int64_t(0)}});
  return n.op("argmax", stacked, {{"axis", int64_t(0)}, {"dtype", Dtype::I64}});
}

/// The position along a spatial axis. The padding can win only where all that its window sees is the least value, and
/// then as tap 0 of some axes; the first element that the window sees along these stands for it.
Value Positions::alongAxis(Value tap, size_t i) {
  int64_t inner = 1, dilation = window.dilation[i];
  for (size_t later = i + 1; later < window.kernel.size(); ++later) inner *= window.kernel[later];
  Value step = n.op("mod", {n.op("floor_div", {tap, integer(inner)}), integer(window.kernel[i])});
  Value start = n.sub(n.mul(n.positions(y, static_cast<int64_t>(i) + 2), integer(window.stride[i])),
                      integer(window.padding.list[i].first));
  Value position = n.add(start, n.mul(step, integer(dilation)));
  if (window.padding.list[i].first == 0) return position;
  Value hidden = n.op("max", {n.sub(integer(dilation - 1), start), integer(0)}); // rounded up by the division
  Value first = n.add(start, n.mul(n.op("floor_div", {hidden, integer(dilation)}), integer(dilation)));
  return n.op("max", {position, first});
}

Value Positions::find(bool reversed) {
  Value tap = winners();
  size_t count = window.kernel.size();
  Value sum;
  int64_t stride = 1;
  for (size_t k = 0; k < count; ++k) {
    size_t i = reversed ? k : count - 1 - k;
    Value part = n.mul(alongAxis(tap, i), integer(stride));
    sum = sum ? n.add(sum, part) : part;
    stride *= x.dim(static_cast<int64_t>(i) + 2);
  }
  sum = n.add(sum, n.mul(n.positions(y, 1), integer(stride)));
  return n.add(sum, n.mul(n.positions(y, 0), integer(stride * x.dim(1))));
}

} // namespace

Value positionsOfMaxima(NodeBuilder &n, Value x, Value y) {
  int64_t order = n.integer("storage_order", 0), taps = 1;
  std::optional<Window> window = readWindow(n, x, n.integers("kernel_shape"));
  if (!window || n.failed()) return {};
  for (int64_t size : window->kernel) taps = std::min(taps * std::min(size, maxTaps + 1), maxTaps + 1);
  if (order != 0 && order != 1) return n.error("G0202", "attribute 'storage_order' must be 0 or 1");
  if (taps > maxTaps)
    return n.unsupported("the output of positions of a max pool with more than " + llvm::Twine(maxTaps) +
                         " elements in its kernel");
  return Positions(n, x, y, *window).find(order == 1);
}

} // namespace graphc::onnx
