// Elements of tensors as they lie in memory and in files: little-endian, bools one byte. Read and written one by one,
// as double or int64 (u64: the same 64 bits), for importers and converters; kernels have code of their own.
#pragma once
#include "dialects/graph/host_tensor.h"

namespace graphc::graph {
/// Of a float dtype.
double loadReal(Dtype dtype, const char *from);
/// Of an integer dtype or bool.
int64_t loadInteger(Dtype dtype, const char *from);
/// Rounds to nearest, ties to even.
void storeReal(Dtype dtype, double value, char *to);
/// Keeps the low bits.
void storeInteger(Dtype dtype, int64_t value, char *to);
} // namespace graphc::graph
