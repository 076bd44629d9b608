// Operators that make a tensor from numbers alone or from a shape. All but the largest are computed here and become
// constants.
#include "compiler/onnx/op_table.h"
#include <cmath>

namespace graphc::onnx {
using graph::Dtype;
namespace {

constexpr int64_t maxGenerated = int64_t(1) << 20;

void mapConstant(NodeBuilder &n) {
  if (const ::onnx::AttributeProto *value = n.find("value"); value && value->has_t()) {
    std::string reason;
    ConstantRef tensor = n.model.tensors.read(value->t(), reason);
    if (!tensor) {
      n.error("G0207", "its value cannot be read: " + reason);
      return;
    }
    tensor->name.clear(); // named after its result
    return n.result(0, tensor);
  }
  graph::HostTensor tensor(Dtype::I64, {});
  if (n.hasAttribute("value_int")) {
    tensor.integers[0] = n.integer("value_int", 0);
  } else if (n.hasAttribute("value_ints")) {
    return n.result(0, n.list(n.integers("value_ints")));
  } else if (n.hasAttribute("value_float")) {
    return n.result(0, n.number(Dtype::F32, n.real("value_float", 0)));
  } else if (n.hasAttribute("value_floats")) {
    Floats values = n.reals("value_floats");
    tensor = graph::HostTensor(Dtype::F32, {static_cast<int64_t>(values.list.size())});
    tensor.floats.assign(values.list.begin(), values.list.end());
  } else {
    n.unsupported("a constant that is no dense tensor of numbers");
    return;
  }
  n.result(0, n.constant(std::move(tensor)));
}

void mapShape(NodeBuilder &n) {
  Value x = n.in(0);
  int64_t start = n.integer("start", 0), end = n.integer("end", x.rank());
  auto clamp = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + x.rank() : at, 0, x.rank()); };
  start = clamp(start);
  end = std::max(start, clamp(end));
  n.result(0, n.list(x.shape().slice(start, end - start)));
}

void mapSize(NodeBuilder &n) {
  Value x = n.in(0);
  n.result(0, n.reshape(n.list({checkedElements(x.shape()).value_or(0)}), {}));
}

void mapConstantOfShape(NodeBuilder &n) {
  std::optional<Ints> shape = n.knownIntegers(n.in(0), "shape");
  if (!shape) return;
  if (!checkedElements(*shape)) {
    n.error("G0202", "its shape has a negative or too large size");
    return;
  }
  Value value = n.number(Dtype::F32, 0);
  if (const ::onnx::AttributeProto *given = n.find("value")) {
    std::string reason;
    ConstantRef tensor = n.model.tensors.read(given->t(), reason);
    if (!tensor || tensor->elements() != 1) {
      n.error("G0207", "its value must be one number" + (reason.empty() ? "" : ": " + reason));
      return;
    }
    tensor->name.clear();
    value = reshaped(*tensor, {});
  }
  n.result(0, n.broadcast(value, *shape));
}

/// start, start + step, ... before limit.
void mapRange(NodeBuilder &n) {
  Value from = n.in(0), to = n.in(1), by = n.in(2);
  std::optional<double> start = n.knownReal(from, "start"), limit = n.knownReal(to, "limit"),
                        step = n.knownReal(by, "delta");
  if (!start || !limit || !step) return;
  double count = std::ceil((*limit - *start) / *step);
  if (*step == 0 || !(count <= double(maxGenerated))) {
    n.error("G0202", "a range of this length is not supported");
    return;
  }
  graph::HostTensor tensor(from.dtype(), {static_cast<int64_t>(std::max(count, 0.0))});
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (from.isFloat())
      tensor.floats[i] = *start + static_cast<double>(i) * *step;
    else
      tensor.integers[i] = static_cast<int64_t>(*start) + i * static_cast<int64_t>(*step);
  }
  n.result(0, n.constant(std::move(tensor)));
}

void mapEyeLike(NodeBuilder &n) {
  Value x = n.in(0);
  Dtype dtype = n.hasAttribute("dtype") ? n.dtypeOf(n.integer("dtype", 1)) : x.dtype();
  int64_t rows = x.dim(0), columns = x.dim(1), k = n.integer("k", 0);
  std::optional<int64_t> elements = checkedElements(x.shape());
  if (n.failed() || x.rank() != 2 || !elements || *elements > maxGenerated) {
    n.error("G0202", "it needs a matrix of at most 2^20 elements");
    return;
  }
  graph::HostTensor tensor(dtype, {rows, columns});
  for (int64_t i = 0; i < rows; ++i) {
    int64_t column = 0;
    if (__builtin_add_overflow(i, k, &column) || column < 0 || column >= columns) continue;
    if (graph::isFloat(dtype))
      tensor.floats[i * columns + column] = 1;
    else
      tensor.integers[i * columns + column] = 1;
  }
  n.result(0, n.constant(std::move(tensor)));
}

/// Sum over k of weights[k] cos(2 pi k i / length), rounded once.
void cosineWindow(NodeBuilder &n, llvm::ArrayRef<double> weights) {
  std::optional<double> size = n.knownReal(n.in(0), "size");
  Dtype dtype = n.dtypeOf(n.integer("output_datatype", 1));
  if (!size || n.failed()) return;
  if (!(*size >= 0 && *size <= double(maxGenerated))) {
    n.error("G0202", "a window of this size is not supported");
    return;
  }
  auto count = static_cast<int64_t>(*size);
  double length = n.integer("periodic", 1) ? *size : *size - 1;
  graph::HostTensor tensor(dtype, {count});
  for (int64_t i = 0; i < count; ++i) {
    double sum = 0;
    for (auto [k, weight] : llvm::enumerate(weights))
      sum += weight * std::cos(2 * M_PI * static_cast<double>(k) * static_cast<double>(i) / length);
    if (graph::isFloat(dtype))
      tensor.floats[i] = sum;
    else
      tensor.integers[i] = static_cast<int64_t>(sum);
  }
  n.result(0, n.constant(std::move(tensor)));
}
void mapHannWindow(NodeBuilder &n) { cosineWindow(n, {0.5, -0.5}); }
void mapHammingWindow(NodeBuilder &n) { cosineWindow(n, {25.0 / 46, -21.0 / 46}); }
void mapBlackmanWindow(NodeBuilder &n) { cosineWindow(n, {0.42, -0.5, 0.08}); }

constexpr OpRow rows[] = {
    {"BlackmanWindow", mapBlackmanWindow},
    {"Constant", mapConstant},
    {"ConstantOfShape", mapConstantOfShape},
    {"EyeLike", mapEyeLike},
    {"HammingWindow", mapHammingWindow},
    {"HannWindow", mapHannWindow},
    {"Range", mapRange},
    {"Shape", mapShape},
    {"Size", mapSize},
};
} // namespace

llvm::ArrayRef<OpRow> generateRows() { return rows; }

} // namespace graphc::onnx
