// Host tensors: size and rounding. Rounding goes through APFloat for the types C++ lacks, so that it is to nearest even
// everywhere.
#include "dialects/graph/host_tensor.h"
#include "dialects/graph/number.h"
#include "llvm/ADT/APFloat.h"

namespace graphc::graph {

HostTensor::HostTensor(Dtype dtype, llvm::ArrayRef<int64_t> shape) : dtype(dtype), shape(shape) {
  if (isFloat(dtype))
    floats.resize(size());
  else
    integers.resize(size());
}

int64_t HostTensor::size() const {
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  return count;
}

static double roundTo(double x, Dtype dtype) {
  if (dtype == Dtype::F32) return float(x);
  if (dtype == Dtype::F64) return x;
  llvm::APFloat rounded(x);
  bool losesInfo = false;
  const llvm::fltSemantics &target = dtype == Dtype::F16 ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
  rounded.convert(target, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return rounded.convertToDouble();
}

void HostTensor::round() {
  for (int64_t &x : integers) x = wrapped(x, dtype);
  if (dtype == Dtype::F64) return;
  for (Jet &x : floats)
    for (double *part : {&x.v, &x.d1, &x.d2, &x.d12}) *part = roundTo(*part, dtype);
}

} // namespace graphc::graph
