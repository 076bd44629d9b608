// The feature sets of the levels (the psABI's, and v4 with products of i8 and of bf16), as
// compiler/support/isa_level.cpp has them for the compiler's own machine.
#include "core/processor_level.h"
#include <cpuid.h>

uint32_t graphc::runtime::processorLevel() {
  unsigned a, b, c, d, b7 = 0, c7 = 0, d7, extended = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 1;
  __get_cpuid_count(7, 0, &a, &b7, &c7, &d7);
  unsigned ignored;
  __get_cpuid(0x80000001, &a, &ignored, &extended, &d);
  constexpr unsigned lahf = 1;
  constexpr unsigned v2One = bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B;
  constexpr unsigned v3One = bit_FMA | bit_AVX | bit_F16C | bit_MOVBE | bit_OSXSAVE;
  constexpr unsigned v3Seven = bit_AVX2 | bit_BMI | bit_BMI2;
  constexpr unsigned v4Seven = bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL;
  if ((c & v2One) != v2One || !(extended & lahf)) return 1;
  if ((c & v3One) != v3One || (b7 & v3Seven) != v3Seven || !(extended & bit_LZCNT)) return 2;
  unsigned xcr0, high; // what the operating system saves on a context switch
  __asm__("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  if ((xcr0 & 0x06) != 0x06) return 2;
  if ((b7 & v4Seven) != v4Seven || (xcr0 & 0xe6) != 0xe6) return 3;
  if (!(c7 & bit_AVX512VNNI)) return 4;
  unsigned a71 = 0;
  __get_cpuid_count(7, 1, &a71, &ignored, &c, &d);
  return a71 & bit_AVX512BF16 ? 6 : 5;
}
