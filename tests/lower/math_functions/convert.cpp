// Calls every conversion of a library made of conversions.py: on all values of a source of at most 16 bits, otherwise
// on random numbers of every size and those beside the bounds of all types. Every result must be the one number that is
// right: floats to nearest with ties to even, integers towards zero and saturated, NaN as NaN or 0.
// usage: convert LIBRARY LEVEL; does nothing on a machine without the level.
#include "open_library.h"
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <vector>

namespace {
using Wide = long double; // 64 bits of mantissa: every value of every type here

struct Type {
  const char *name;
  unsigned bytes;
  bool isFloat, isSigned;
  int precision, minExponent, maxExponent; // of a float: bits with the hidden one
};

const Type types[] = {
    {"f16", 2, true, true, 11, -14, 15},   {"bf16", 2, true, true, 8, -126, 127},
    {"f32", 4, true, true, 24, -126, 127}, {"f64", 8, true, true, 53, -1022, 1023},
    {"i8", 1, false, true, 0, 0, 0},       {"i16", 2, false, true, 0, 0, 0},
    {"i32", 4, false, true, 0, 0, 0},      {"i64", 8, false, true, 0, 0, 0},
    {"u8", 1, false, false, 0, 0, 0},      {"u16", 2, false, false, 0, 0, 0},
    {"u32", 4, false, false, 0, 0, 0},     {"u64", 8, false, false, 0, 0, 0},
};

Wide decode(const Type &type, uint64_t bits) {
  unsigned width = 8 * type.bytes;
  if (!type.isFloat) {
    if (!type.isSigned) return static_cast<Wide>(bits);
    return static_cast<Wide>(static_cast<int64_t>(bits << (64 - width)) >> (64 - width));
  }
  uint64_t fraction = bits & ((uint64_t(1) << (type.precision - 1)) - 1);
  int field = static_cast<int>((bits >> (type.precision - 1)) & ((uint64_t(1) << (width - type.precision)) - 1));
  bool negative = bits >> (width - 1) & 1;
  Wide value;
  if (field == type.maxExponent - type.minExponent + 2)
    value = fraction ? NAN : INFINITY;
  else if (field == 0)
    value = std::ldexp(Wide(fraction), type.minExponent - type.precision + 1);
  else
    value = std::ldexp(Wide(fraction | uint64_t(1) << (type.precision - 1)),
                       field - 1 + type.minExponent - type.precision + 1);
  return negative ? -value : value;
}

/// What the conversion must give.
Wide converted(const Type &to, Wide x) {
  if (!to.isFloat) {
    if (std::isnan(x)) return 0;
    unsigned digits = 8 * to.bytes - to.isSigned;
    Wide low = to.isSigned ? -std::ldexp(Wide(1), digits) : 0, high = std::ldexp(Wide(1), digits) - 1;
    return std::fmax(low, std::fmin(high, std::trunc(x))) + 0; // no -0
  }
  if (std::isnan(x) || std::isinf(x) || x == 0) return x;
  int exponent = std::ilogb(x);
  if (exponent < to.minExponent) exponent = to.minExponent;
  Wide spacing = std::ldexp(Wide(1), exponent - to.precision + 1);
  Wide rounded = std::copysign(std::nearbyint(x / spacing) * spacing, x);
  return std::fabs(rounded) >= std::ldexp(Wide(1), to.maxExponent + 1) ? std::copysign(Wide(INFINITY), x) : rounded;
}

uint64_t state = 1;
uint64_t next() { // splitmix64
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t encode(const Type &type, double value) {
  if (type.bytes == 8) {
    uint64_t bits;
    std::memcpy(&bits, &value, 8);
    return bits;
  }
  float narrow = static_cast<float>(value);
  uint32_t bits;
  std::memcpy(&bits, &narrow, 4);
  return bits;
}

std::vector<uint64_t> inputs(const Type &type) {
  std::vector<uint64_t> all;
  if (type.bytes <= 2) {
    for (uint64_t bits = 0; bits < uint64_t(1) << (8 * type.bytes); ++bits) all.push_back(bits);
    return all;
  }
  uint64_t mask = type.bytes == 8 ? ~uint64_t(0) : 0xffffffff;
  for (int i = 0; i < 10000; ++i) {
    uint64_t bits = next();
    if (type.isFloat && i % 2) // near the integers' sizes, the narrow floats' halves and their denormals
      bits = encode(type, std::ldexp(double(next() >> 11) * 0x1p-53 - 0.5, int(next() % 220) - 150));
    else if (!type.isFloat)
      bits >>= next() % (8 * type.bytes), bits = i % 2 ? bits : ~bits;
    all.push_back(bits & mask);
  }
  for (int exponent = -160; exponent < 130 && type.isFloat; ++exponent)
    for (double factor :
         {1.0, 1.5, 1 + 0x1p-7, 1 + 0x1p-8, 1 + 0x1p-10, 1 + 0x1p-11, 1 + 0x1p-23, 1 + 0x3p-8, 1 + 0x3p-11})
      for (int beside = -1; beside <= 1; ++beside) {
        double x = std::ldexp(factor, exponent);
        all.push_back((encode(type, x) + static_cast<uint64_t>(beside)) & mask);
        all.push_back((encode(type, -x) + static_cast<uint64_t>(beside)) & mask);
      }
  for (unsigned bit = 0; bit < 8 * type.bytes && !type.isFloat; ++bit)
    for (int beside = -2; beside <= 2; ++beside)
      for (uint64_t more : {uint64_t(0), uint64_t(1) << (bit / 2), bit >= 8 ? uint64_t(1) << (bit - 8) : 0})
        all.push_back(((uint64_t(1) << bit) + more + static_cast<uint64_t>(beside)) & mask);
  return all;
}

bool check(void *symbol, const std::string &name, const Type &from, const Type &to, const std::vector<uint64_t> &in) {
  std::vector<char> source(in.size() * from.bytes), target(in.size() * to.bytes);
  for (size_t i = 0; i < in.size(); ++i) std::memcpy(&source[i * from.bytes], &in[i], from.bytes);
  reinterpret_cast<void (*)(int64_t, const char *, char *)>(symbol)(int64_t(in.size()), source.data(), target.data());
  for (size_t i = 0; i < in.size(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, &target[i * to.bytes], to.bytes);
    Wide x = decode(from, in[i]), got = decode(to, bits), want = converted(to, x);
    bool same = std::isnan(want) ? std::isnan(got) : got == want && std::signbit(got) == std::signbit(want);
    if (same) continue;
    std::printf("%s: %La (%#llx) gives %La, not %La\n", name.c_str(), x, (unsigned long long)in[i], got, want);
    return false;
  }
  return true;
}

} // namespace

int main(int argc, char **argv) {
  void *library = openLibrary(argc, argv);
  bool good = true;
  int checked = 0;
  for (const Type &from : types) {
    std::vector<uint64_t> in = inputs(from);
    while (in.size() % 16) in.push_back(0);
    for (const Type &to : types)
      for (const char *suffix : {"", "_scalar"}) {
        std::string name = std::string(from.name) + "_to_" + to.name + suffix;
        void *symbol = dlsym(library, name.c_str());
        if (!symbol) continue; // not a pair that conversions.py writes
        good &= check(symbol, name, from, to, in);
        ++checked;
      }
  }
  std::printf("%d conversions\n", checked);
  return good && checked == 148 ? 0 : 1;
}
