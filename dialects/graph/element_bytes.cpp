// element_bytes.h. f16 and bf16 go through APFloat: C++17 has no type for them.
#include "dialects/graph/element_bytes.h"
#include "dialects/graph/element_type.h"
#include "llvm/ADT/APFloat.h"
#include <cstring>

namespace graphc::graph {

template <typename T> static T load(const char *from) {
  T value;
  memcpy(&value, from, sizeof value);
  return value;
}
template <typename T> static void store(char *to, T value) { memcpy(to, &value, sizeof value); }

static const llvm::fltSemantics &halfSemantics(Dtype dtype) {
  return dtype == Dtype::F16 ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
}

double loadReal(Dtype dtype, const char *from) {
  if (dtype == Dtype::F32) return load<float>(from);
  if (dtype == Dtype::F64) return load<double>(from);
  return llvm::APFloat(halfSemantics(dtype), llvm::APInt(16, load<uint16_t>(from))).convertToDouble();
}

int64_t loadInteger(Dtype dtype, const char *from) {
  switch (dtype) {
  case Dtype::I8:
    return load<int8_t>(from);
  case Dtype::I16:
    return load<int16_t>(from);
  case Dtype::I32:
    return load<int32_t>(from);
  case Dtype::U8:
  case Dtype::Bool:
    return load<uint8_t>(from);
  case Dtype::U16:
    return load<uint16_t>(from);
  case Dtype::U32:
    return load<uint32_t>(from);
  default:
    return load<int64_t>(from);
  }
}

void storeReal(Dtype dtype, double value, char *to) {
  if (dtype == Dtype::F32) return store(to, static_cast<float>(value));
  if (dtype == Dtype::F64) return store(to, value);
  llvm::APFloat rounded(value);
  bool losesInfo = false;
  rounded.convert(halfSemantics(dtype), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  store(to, static_cast<uint16_t>(rounded.bitcastToAPInt().getZExtValue()));
}

void storeInteger(Dtype dtype, int64_t value, char *to) { memcpy(to, &value, dtypeBytes(dtype)); }

} // namespace graphc::graph
