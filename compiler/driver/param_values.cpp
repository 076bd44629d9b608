// param_values.h.
#include "compiler/driver/param_values.h"
#include "dialects/graph/element_bytes.h"
#include "dialects/graph/host_tensor_attr.h"
#include "dialects/graph/row_major.h"
#include "graphc/safetensors.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <random>

using namespace mlir;

namespace graphc::driver {
using graph::Dtype;
using graph::HostTensor;

/// From one file, if it has the tensor in the param's shape.
static bool readFrom(const WeightFile &file, StringRef path, HostTensor &value) {
  graphc_safetensors opened;
  char message[GRAPHC_SAFETENSORS_MESSAGE];
  if (graphc_safetensors_open(file.bytes.data(), file.bytes.size(), &opened, message) != GRAPHC_OK) return false;
  auto source = file.sources.find(path.str());
  bool mapped = source != file.sources.end();
  graphc_safetensors_tensor tensor;
  if (!graphc_safetensors_find(&opened, mapped ? source->second.name.c_str() : path.str().c_str(), &tensor) ||
      tensor.dtype > uint32_t(Dtype::Bool) || tensor.rank != value.shape.size())
    return false;
  auto dtype = Dtype(tensor.dtype);
  SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, tensor.rank)),
                       from(tensor.dims, tensor.dims + tensor.rank);
  if (mapped && source->second.perm.size() == perm.size()) llvm::copy(source->second.perm, perm.begin());
  for (auto [size, axis] : llvm::zip_equal(value.shape, perm))
    if (from[axis] != size) return false;
  if (graph::isFloat(dtype) != graph::isFloat(value.dtype)) return false;
  const char *data = file.bytes.data() + tensor.begin;
  unsigned width = value.size() ? tensor.bytes / uint64_t(value.size()) : 0;
  int64_t flat = 0;
  graph::forEachIndex(value.shape, [&](ArrayRef<int64_t> at) {
    SmallVector<int64_t> there(at.size());
    for (auto [i, axis] : llvm::enumerate(perm)) there[axis] = at[i];
    const char *element = data + graph::flatIndex(there, from) * width;
    if (graph::isFloat(dtype))
      value.floats[flat++] = graph::loadReal(dtype, element);
    else
      value.integers[flat++] = graph::loadInteger(dtype, element);
  });
  return true;
}

HostTensor paramValue(graph::ParameterOp parameter, const std::vector<WeightFile> &files, unsigned seed) {
  auto type = cast<RankedTensorType>(parameter.getType());
  bool isReal = isa<FloatType>(type.getElementType());
  HostTensor value(isReal ? Dtype::F64 : graph::dtypeOf(type.getElementType()).value_or(Dtype::I64), type.getShape());
  for (const WeightFile &file : files)
    if (readFrom(file, parameter.getSymName(), value)) return value;
  if (auto values = dyn_cast_or_null<DenseElementsAttr>(parameter.getValuesAttr()))
    if (FailureOr<HostTensor> listed = graph::fromAttribute(values); succeeded(listed)) {
      if (isReal) listed->dtype = Dtype::F64;
      return *listed;
    }
  // The path is part of the seed: params do not depend on each other's order.
  std::seed_seq mixed{seed, unsigned(llvm::xxh3_64bits(parameter.getSymName()))};
  std::mt19937 random(mixed);
  std::normal_distribution<double> normal;
  double a = parameter.getA().convertToDouble(), b = parameter.getB().convertToDouble();
  std::uniform_real_distribution<double> uniform(a, b > a ? b : a + 1);
  StringRef init = parameter.getInit();
  double deviation =
      init == "normal" || init == "truncated_normal"
          ? a
          : 1 / std::sqrt(double(type.getShape().empty() ? 1 : std::max<int64_t>(type.getShape().front(), 1)));
  for (graph::Jet &x : value.floats)
    x = init == "constant"  ? a + (parameter.getState() ? 0 : 0.1 * normal(random))
        : init == "uniform" ? uniform(random)
                            : deviation * normal(random);
  if (init == "constant")
    for (int64_t &x : value.integers) x = int64_t(a);
  return value;
}

} // namespace graphc::driver
