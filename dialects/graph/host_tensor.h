// A tensor on the host for reference evaluation: integers and bools as int64, floats as Jet. Knows no MLIR type, so
// that tests and tools can build one from bytes.
#pragma once
#include "dialects/graph/jet.h"
#include "llvm/ADT/SmallVector.h"
#include <vector>

namespace graphc::graph {

/// Element types of the language, in the order of graphc_dtype (runtime/include/graphc/types.h).
enum class Dtype : uint32_t { F32, F64, F16, BF16, I8, I16, I32, I64, U8, U16, U32, U64, Bool };
inline bool isFloat(Dtype t) { return t <= Dtype::BF16; }

struct HostTensor {
  Dtype dtype = Dtype::F32;
  llvm::SmallVector<int64_t> shape;
  std::vector<Jet> floats;       // row-major; used if isFloat(dtype)
  std::vector<int64_t> integers; // else

  HostTensor() = default;
  /// Zeros.
  HostTensor(Dtype dtype, llvm::ArrayRef<int64_t> shape);
  int64_t size() const;
  /// Rounds every float to the dtype (value and tangents) and wraps every integer: done to each op's results.
  void round();
};

} // namespace graphc::graph
