// The integer rules of design.md 4.9, once for all ops.
#include "dialects/graph/number.h"
#include "dialects/graph/element_type.h"
#include <cmath>

namespace graphc::graph {

double Number::asDouble() const {
  if (isReal()) return real.v;
  return dtype == Dtype::U64 ? double(uint64_t(integer)) : double(integer);
}

Number limitOf(Dtype dtype, bool largest) {
  if (isFloat(dtype)) return Number(Jet(largest ? INFINITY : -INFINITY));
  uint64_t ones = ~uint64_t(0) >> (64 - 8 * dtypeBytes(dtype));
  if (dtype >= Dtype::U8) return Number::of(int64_t(largest ? ones : 0));
  int64_t high = int64_t(ones >> 1);
  return Number::of(largest ? high : -high - 1);
}

bool lessThan(const Number &a, const Number &b) {
  if (a.isReal()) return a.real.v < b.real.v;
  return a.dtype == Dtype::U64 ? uint64_t(a.integer) < uint64_t(b.integer) : a.integer < b.integer;
}

bool equals(const Number &a, const Number &b) { return a.isReal() ? a.real.v == b.real.v : a.integer == b.integer; }

Number elementAt(const HostTensor &tensor, int64_t i) {
  Number x;
  x.dtype = tensor.dtype;
  if (isFloat(tensor.dtype))
    x.real = tensor.floats[i];
  else
    x.integer = tensor.integers[i];
  return x;
}

void setElement(HostTensor &tensor, int64_t i, const Number &x) {
  if (isFloat(tensor.dtype))
    tensor.floats[i] = x.real;
  else
    tensor.integers[i] = x.integer;
}

int64_t wrapped(int64_t x, Dtype dtype) {
  switch (dtype) {
  case Dtype::I8:
    return int8_t(x);
  case Dtype::I16:
    return int16_t(x);
  case Dtype::I32:
    return int32_t(x);
  case Dtype::U8:
    return uint8_t(x);
  case Dtype::U16:
    return uint16_t(x);
  case Dtype::U32:
    return uint32_t(x);
  case Dtype::Bool:
    return x != 0;
  default:
    return x;
  }
}

/// x as a double that any narrower float rounds to as it would round x: the last bit says whether there was more.
static double withSticky(const Number &x) {
  uint64_t bits = x.integer;
  bool negative = x.dtype != Dtype::U64 && x.integer < 0;
  if (negative) bits = -bits;
  int dropped = 0;
  for (bool lost = false; bits >> 53; bits |= lost) {
    lost = bits & 1;
    bits >>= 1;
    ++dropped;
  }
  double size = std::ldexp(double(bits), dropped);
  return negative ? -size : size;
}

Number converted(const Number &x, Dtype dtype) {
  Number y;
  y.dtype = dtype;
  if (isFloat(dtype)) {
    y.real = x.isReal() ? x.real : Jet(dtype == Dtype::F64 ? x.asDouble() : withSticky(x));
    return y;
  }
  if (dtype == Dtype::Bool) {
    y.integer = x.isReal() ? x.real.v != 0 : x.integer != 0;
    return y;
  }
  if (!x.isReal()) {
    y.integer = wrapped(x.integer, dtype);
    return y;
  }
  bool isUnsigned = dtype >= Dtype::U8;
  int bits = 8 * int(dtypeBytes(dtype));
  double limit = std::ldexp(1.0, isUnsigned ? bits : bits - 1), low = isUnsigned ? 0 : -limit, v = std::trunc(x.real.v);
  if (std::isnan(v))
    y.integer = 0;
  else if (v >= limit)
    y.integer = isUnsigned ? int64_t(~uint64_t(0) >> (64 - bits)) : int64_t(~uint64_t(0) >> (65 - bits));
  else if (v < low)
    y.integer = isUnsigned ? 0 : int64_t(~uint64_t(0) << (bits - 1));
  else
    y.integer = isUnsigned ? int64_t(uint64_t(v)) : int64_t(v);
  return y;
}

} // namespace graphc::graph
