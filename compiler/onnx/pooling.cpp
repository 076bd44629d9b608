// Pools over windows and over whole images.
#include "compiler/onnx/max_positions.h"
#include "compiler/onnx/window.h"

namespace graphc::onnx {
namespace {

std::optional<Arguments> windowArguments(NodeBuilder &n, Value x) {
  Ints kernel = n.integers("kernel_shape");
  if (!n.hasAttribute("kernel_shape")) n.error("G0202", "attribute 'kernel_shape' is missing");
  if (n.failed()) return std::nullopt;
  std::optional<Window> window = readWindow(n, x, kernel);
  if (!window) return std::nullopt;
  return Arguments{{"kernel", window->kernel},
                   {"stride", window->stride},
                   {"dilation", window->dilation},
                   {"padding", window->padding},
                   {"ceil_mode", n.integer("ceil_mode", 0) != 0},
                   {"layout", std::string("nchw")}};
}

void mapMaxPool(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Arguments> arguments = windowArguments(n, x);
  if (!arguments) return;
  Value y = n.op("max_pool", x, *arguments);
  n.result(0, y);
  if (n.wants(1) && y) n.result(1, positionsOfMaxima(n, x, y));
}

void mapAveragePool(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Arguments> arguments = windowArguments(n, x);
  if (!arguments) return;
  arguments->push_back({"count_padding", n.integer("count_include_pad", 0) != 0});
  n.result(0, n.op("avg_pool", x, *arguments));
}

/// |x|^p, and the root of a sum of such.
Value powered(NodeBuilder &n, Value x, double p) { return n.op("pow", {n.op("abs", x), n.like(x, p)}); }
Value rooted(NodeBuilder &n, Value x, double p) { return n.op("pow", {x, n.like(x, 1 / p)}); }
double readPower(NodeBuilder &n) {
  int64_t p = n.integer("p", 2);
  if (p < 1) n.error("G0202", "attribute 'p' must be positive");
  return static_cast<double>(std::max<int64_t>(p, 1));
}

/// The sum over a window is its average, padding counted, times its size.
void mapLpPool(NodeBuilder &n) {
  Value x = n.in(0);
  double p = readPower(n), size = 1;
  std::optional<Arguments> arguments = windowArguments(n, x);
  if (!arguments) return;
  for (int64_t extent : n.integers("kernel_shape")) size *= static_cast<double>(extent);
  arguments->push_back({"count_padding", true});
  Value average = n.op("avg_pool", powered(n, x, p), *arguments);
  n.result(0, rooted(n, n.mul(average, n.like(x, size)), p));
}

Value overImage(NodeBuilder &n, llvm::StringRef mnemonic, Value x) {
  Ints axes;
  for (int64_t axis = 2; axis < x.rank(); ++axis) axes.push_back(axis);
  if (axes.empty()) return n.error("G0202", "it needs an image: batch, channels and at least one axis more");
  return n.op(mnemonic, x, {{"axis", axes}, {"keep_dims", true}});
}
void mapGlobalAveragePool(NodeBuilder &n) { n.result(0, overImage(n, "mean", n.in(0))); }
void mapGlobalMaxPool(NodeBuilder &n) { n.result(0, overImage(n, "reduce_max", n.in(0))); }
void mapGlobalLpPool(NodeBuilder &n) {
  double p = readPower(n);
  n.result(0, rooted(n, overImage(n, "sum", powered(n, n.in(0), p)), p));
}

constexpr OpRow rows[] = {{"AveragePool", mapAveragePool},
                          {"GlobalAveragePool", mapGlobalAveragePool},
                          {"GlobalLpPool", mapGlobalLpPool},
                          {"GlobalMaxPool", mapGlobalMaxPool},
                          {"LpPool", mapLpPool},
                          {"MaxPool", mapMaxPool}};
} // namespace

llvm::ArrayRef<OpRow> poolingRows() { return rows; }

} // namespace graphc::onnx
