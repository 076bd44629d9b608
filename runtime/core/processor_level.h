// Which x86-64 level this processor and operating system offer.
#pragma once
#include <stdint.h>

namespace graphc::runtime {
/// 4, 3, 2: x86-64-v4, v3, v2; 1: plain x86-64. Own cpuid code: __builtin_cpu_supports would pull libgcc's __cpu_model.
uint32_t processorLevel();
} // namespace graphc::runtime
