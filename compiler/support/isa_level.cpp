// The table of ISA levels; tiles are the measured ones of cpu_kernels.md: 14x32 (AVX-512), 6x16 (AVX2), 2x16 (SSE).
#include "compiler/support/isa_level.h"
#include <algorithm>
#include <cpuid.h>

using namespace graphc::support;

static constexpr IsaLevel levels[] = {
    {2, "x86-64-v2", "x86-64-v2", "", 4, 16, 2, 4, 2, false, false, false, false, false, "128"},
    {3, "x86-64-v3", "x86-64-v3", "", 8, 16, 6, 2, 4, true, true, false, false, false, "256"},
    {4, "x86-64-v4", "x86-64-v4", "", 16, 32, 14, 2, 12, true, true, true, false, false, "512"},
    {5, "x86-64-v4+vnni", "x86-64-v4", "+avx512vnni", 16, 32, 14, 2, 12, true, true, true, true, false, "512"},
    {6, "x86-64-v4+vnni+bf16", "x86-64-v4", "+avx512vnni,+avx512bf16", 16, 32, 14, 2, 12, true, true, true, true, true,
     "512"},
};

llvm::ArrayRef<IsaLevel> graphc::support::isaLevels() { return levels; }

const IsaLevel *graphc::support::findIsaLevel(llvm::StringRef name) {
  if (name == "native") return &nativeIsaLevel();
  for (const IsaLevel &level : levels)
    if (level.name == name) return &level;
  return nullptr;
}

IsaLevels graphc::support::allIsaLevels() {
  IsaLevels all;
  for (const IsaLevel &level : levels) all.push_back(&level);
  return all;
}

std::string graphc::support::symbolAtLevel(llvm::StringRef function, const IsaLevels &levels, size_t position) {
  if (position == 0) return function.str();
  llvm::StringRef suffix = levels[position]->name;
  suffix.consume_front("x86-64-");
  std::string symbol = (function + "." + suffix).str();
  std::replace(symbol.begin() + ptrdiff_t(function.size()), symbol.end(), '+', '_'); // assemblers quote a +
  return symbol;
}

const IsaLevel &graphc::support::nativeIsaLevel() {
  unsigned a, b, c, d, b7 = 0, c7 = 0, d7, extended = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return levels[0];
  __get_cpuid_count(7, 0, &a, &b7, &c7, &d7);
  __get_cpuid(0x80000001, &a, &b, &extended, &d);
  constexpr unsigned v3One = bit_FMA | bit_AVX | bit_F16C | bit_MOVBE | bit_OSXSAVE;
  constexpr unsigned v3Seven = bit_AVX2 | bit_BMI | bit_BMI2;
  constexpr unsigned v4Seven = bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL;
  if ((c & v3One) != v3One || (b7 & v3Seven) != v3Seven || !(extended & bit_LZCNT)) return levels[0];
  unsigned xcr0, high; // what the operating system saves on a context switch
  __asm__("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  if ((xcr0 & 0x06) != 0x06) return levels[0];
  if ((b7 & v4Seven) != v4Seven || (xcr0 & 0xe6) != 0xe6) return levels[1];
  if (!(c7 & bit_AVX512VNNI)) return levels[2];
  unsigned a71 = 0;
  __get_cpuid_count(7, 1, &a71, &b, &c, &d);
  return a71 & bit_AVX512BF16 ? levels[4] : levels[3];
}
