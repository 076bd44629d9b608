// Names and sizes of the dtypes: one table, in the order of graphc_dtype.
#pragma once
#include "graphc/types.h"

namespace graphc::runtime {

struct Dtype {
  const char *name;     // as graphs and messages write it
  const char *fileName; // as safetensors writes it
  uint32_t bytes;
};

constexpr Dtype dtypes[] = {
    {"f32", "F32", 4}, {"f64", "F64", 8}, {"f16", "F16", 2},   {"bf16", "BF16", 2}, {"i8", "I8", 1},
    {"i16", "I16", 2}, {"i32", "I32", 4}, {"i64", "I64", 8},   {"u8", "U8", 1},     {"u16", "U16", 2},
    {"u32", "U32", 4}, {"u64", "U64", 8}, {"bool", "BOOL", 1},
};
constexpr uint32_t dtypeCount = sizeof(dtypes) / sizeof(dtypes[0]);
static_assert(dtypeCount == GRAPHC_BOOL + 1, "one row per graphc_dtype");

} // namespace graphc::runtime
