// Constants <-> host tensors, and permuting weights on their bytes (a filter of millions of elements never becomes a
// host tensor).
#include "compiler/onnx/constant.h"
#include "dialects/graph/element_bytes.h"
#include <cstring>

namespace graphc::onnx {
using graph::loadInteger;
using graph::loadReal;
using graph::storeInteger;
using graph::storeReal;

static constexpr int64_t maxElements = int64_t(1) << 47;

std::optional<int64_t> checkedElements(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1, nonZero = 1; // empty axes count as 1, so that no partial product can overflow
  for (int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(nonZero, size ? size : 1, &nonZero) || nonZero >= maxElements)
      return std::nullopt;
    count *= size;
  }
  return count;
}

int64_t Constant::elements() const {
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  return count;
}

double Constant::real(int64_t i) const {
  const char *from = bytes->data() + i * graph::dtypeBytes(dtype);
  return graph::isFloat(dtype) ? loadReal(dtype, from) : static_cast<double>(loadInteger(dtype, from));
}

llvm::SmallVector<int64_t> Constant::integers() const {
  llvm::SmallVector<int64_t> values;
  if (graph::isFloat(dtype)) return values;
  unsigned width = graph::dtypeBytes(dtype);
  for (size_t at = 0; at < bytes->size(); at += width) values.push_back(loadInteger(dtype, bytes->data() + at));
  return values;
}

bool Constant::isSplat() const {
  unsigned width = graph::dtypeBytes(dtype);
  if (bytes->size() < width) return false;
  return memcmp(bytes->data(), bytes->data() + width, bytes->size() - width) == 0;
}

graph::HostTensor toHost(const Constant &constant) {
  graph::HostTensor tensor(constant.dtype, constant.shape);
  unsigned width = graph::dtypeBytes(constant.dtype);
  const char *from = constant.bytes->data();
  for (graph::Jet &x : tensor.floats) x = loadReal(constant.dtype, from), from += width;
  for (int64_t &x : tensor.integers) x = loadInteger(constant.dtype, from), from += width;
  return tensor;
}

ConstantRef fromHost(const graph::HostTensor &tensor, llvm::StringRef name) {
  auto constant = std::make_shared<Constant>();
  constant->dtype = tensor.dtype;
  constant->shape.assign(tensor.shape.begin(), tensor.shape.end());
  constant->name = name.str();
  unsigned width = graph::dtypeBytes(tensor.dtype);
  std::string bytes((tensor.floats.size() + tensor.integers.size()) * width, '\0');
  char *to = bytes.data();
  for (const graph::Jet &x : tensor.floats) storeReal(tensor.dtype, x.v, to), to += width;
  for (int64_t x : tensor.integers) storeInteger(tensor.dtype, x, to), to += width;
  constant->bytes = std::make_shared<const std::string>(std::move(bytes));
  return constant;
}

ConstantRef reshaped(const Constant &constant, llvm::ArrayRef<int64_t> shape) {
  auto result = std::make_shared<Constant>(constant);
  result->shape.assign(shape.begin(), shape.end());
  result->built = {};
  return result;
}

/// The result's elements in order; `index` counts through its axes like an odometer, `from` follows in the source.
ConstantRef permuted(const Constant &constant, llvm::ArrayRef<int64_t> perm) {
  size_t rank = perm.size();
  unsigned width = graph::dtypeBytes(constant.dtype);
  llvm::SmallVector<int64_t> strides(rank, width), shape, steps, index(rank, 0);
  for (size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * constant.shape[axis];
  for (int64_t axis : perm) {
    shape.push_back(constant.shape[axis]);
    steps.push_back(strides[axis]);
  }
  std::string bytes(constant.bytes->size(), '\0');
  int64_t from = 0;
  for (size_t to = 0; to < bytes.size(); to += width) {
    memcpy(bytes.data() + to, constant.bytes->data() + from, width);
    for (size_t axis = rank; axis-- > 0;) {
      from += steps[axis];
      if (++index[axis] < shape[axis]) break;
      from -= steps[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  ConstantRef result = reshaped(constant, shape);
  result->bytes = std::make_shared<const std::string>(std::move(bytes));
  return result;
}

} // namespace graphc::onnx
