// In the order of graphc_dtype (runtime/include/graphc/types.h).
#include "compiler/driver/describe_tensor.h"
#include "graphc/types.h"

using namespace graphc;

namespace {
struct DtypeInfo {
  llvm::StringRef name;
  uint64_t bytes;
};
} // namespace

static constexpr DtypeInfo dtypes[] = {{"f32", 4}, {"f64", 8}, {"f16", 2}, {"bf16", 2}, {"i8", 1},
                                       {"i16", 2}, {"i32", 4}, {"i64", 8}, {"u8", 1},   {"u16", 2},
                                       {"u32", 4}, {"u64", 8}, {"bool", 1}};
static_assert(std::size(dtypes) == GRAPHC_BOOL + 1, "one row per graphc_dtype");

llvm::StringRef driver::dtypeName(uint32_t dtype) {
  return dtype < std::size(dtypes) ? dtypes[dtype].name : llvm::StringRef("an unknown type");
}

uint64_t driver::dtypeBytes(uint32_t dtype) { return dtype < std::size(dtypes) ? dtypes[dtype].bytes : 0; }

std::string driver::describeDims(llvm::ArrayRef<int64_t> dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) text += (i ? ", " : "") + std::to_string(dims[i]);
  return text + "]";
}

std::string driver::describeTensor(uint32_t dtype, llvm::ArrayRef<int64_t> dims) {
  return dtypeName(dtype).str() + describeDims(dims);
}
