// Convolutions. ONNX keeps images as [batch, channels, spatial ...] and filters as [out, in / groups, spatial ...]; the
// graph op reads the same images (layout "nchw") and filters [spatial ..., in / groups, out], which constants are
// brought to on their bytes.
#include "compiler/onnx/window.h"

namespace graphc::onnx {
using graph::Dtype;
namespace {

/// [a, b, spatial ...] -> [spatial ..., b, a], or with the two kept in order.
Ints filterPermutation(int64_t rank, bool swap) {
  Ints perm;
  for (int64_t axis = 2; axis < rank; ++axis) perm.push_back(axis);
  perm.push_back(swap ? 1 : 0);
  perm.push_back(swap ? 0 : 1);
  return perm;
}

Value withBias(NodeBuilder &n, Value y, Value bias) {
  if (!bias || !y) return y;
  Ints shape{bias.dim(0)};
  shape.append(y.rank() - 2, 1);
  return n.add(y, n.reshape(bias, shape));
}

Value convolve(NodeBuilder &n, Value x, Value weight) {
  int64_t spatial = x.rank() - 2;
  if (spatial < 1 || spatial > 3 || weight.rank() != x.rank()) {
    n.error("G0204", "a convolution of " + llvm::Twine(x.rank()) + " axes by " + llvm::Twine(weight.rank()) +
                         " is not supported");
    return {};
  }
  std::optional<Window> window = readWindow(n, x, Ints(weight.shape().drop_front(2)));
  if (!window) return {};
  Value filter = n.transpose(weight, filterPermutation(weight.rank(), true));
  return n.op("conv", {x, filter},
              {{"stride", window->stride},
               {"dilation", window->dilation},
               {"padding", window->padding},
               {"groups", n.integer("group", 1)},
               {"layout", std::string("nchw")}});
}

void mapConv(NodeBuilder &n) {
  Value y = convolve(n, n.in(0), n.in(1));
  n.result(0, withBias(n, y, n.optional(2)));
}

void mapConvInteger(NodeBuilder &n) {
  Value x = n.cast(n.in(0), Dtype::I32), weight = n.cast(n.in(1), Dtype::I32);
  if (Value zero = n.optional(2)) x = n.sub(x, n.cast(zero, Dtype::I32));
  if (Value zero = n.optional(3)) {
    if (zero.rank() == 1 && zero.dim(0) > 1) {
      Ints shape(weight.rank(), 1);
      shape[0] = zero.dim(0);
      zero = n.reshape(zero, shape);
    }
    weight = n.sub(weight, n.cast(zero, Dtype::I32));
  }
  n.result(0, convolve(n, x, weight));
}

/// Pads of a transposed convolution where the file gives the output's size or a word for it.
bool readTransposedPads(NodeBuilder &n, Value x, Window &window, Ints &outputPadding) {
  size_t spatial = window.kernel.size();
  Ints shape = n.integers("output_shape");
  std::string automatic = n.text("auto_pad", "NOTSET");
  bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  if (shape.empty() && !same) return true;
  if (!shape.empty() && shape.size() > spatial) shape.erase(shape.begin(), shape.end() - spatial); // older files
  if (!shape.empty() && shape.size() != spatial) return n.error("G0202", "'output_shape' has a wrong length"), false;
  for (size_t i = 0; i < spatial; ++i) {
    int64_t size = x.dim(static_cast<int64_t>(i) + 2), stride = window.stride[i];
    int64_t full = stride * (size - 1) + outputPadding[i] + window.extent(i);
    int64_t total = full - (shape.empty() ? size * stride : shape[i]);
    if (total < 0) { // the output is longer than the windows reach: zeros after its end
      outputPadding[i] -= total;
      total = 0;
    }
    int64_t half = total / 2;
    window.padding.list[i] = automatic == "SAME_UPPER" ? std::pair(half, total - half) : std::pair(total - half, half);
  }
  return true;
}

void mapConvTranspose(NodeBuilder &n) {
  Value x = n.in(0), weight = n.in(1);
  int64_t spatial = x.rank() - 2;
  if (spatial < 1 || spatial > 3 || weight.rank() != x.rank()) {
    n.error("G0204", "a transposed convolution of these axes is not supported");
    return;
  }
  std::optional<Window> window = readWindow(n, x, Ints(weight.shape().drop_front(2)), /*transposed=*/true);
  if (!window) return;
  Ints outputPadding = n.integers("output_padding", Ints(spatial, 0));
  if (static_cast<int64_t>(outputPadding.size()) != spatial) {
    n.error("G0202", "'output_padding' has a wrong length");
    return;
  }
  if (!readTransposedPads(n, x, *window, outputPadding)) return;
  // ONNX: [in, out / groups, spatial ...]; the graph op wants [spatial ..., in, out / groups].
  Value filter = n.transpose(weight, filterPermutation(weight.rank(), false));
  Value y = n.op("conv_transpose", {x, filter},
                 {{"stride", window->stride},
                  {"dilation", window->dilation},
                  {"padding", window->padding},
                  {"output_padding", outputPadding},
                  {"groups", n.integer("group", 1)},
                  {"layout", std::string("nchw")}});
  n.result(0, withBias(n, y, n.optional(2)));
}

constexpr OpRow rows[] = {{"Conv", mapConv}, {"ConvInteger", mapConvInteger}, {"ConvTranspose", mapConvTranspose}};
} // namespace

llvm::ArrayRef<OpRow> convolutionRows() { return rows; }

} // namespace graphc::onnx
