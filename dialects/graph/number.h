// One element in reference evaluation: a float with its tangents, or an integer (bools: 0 or 1; u64: its bits).
#pragma once
#include "dialects/graph/host_tensor.h"

namespace graphc::graph {

struct Number {
  Dtype dtype = Dtype::F32; // of the operand it was read from
  Jet real;                 // if isFloat(dtype)
  int64_t integer = 0;      // else

  Number() = default;
  Number(Jet x) : dtype(Dtype::F64), real(x) {} // results: the op's result dtype says how they are rounded
  static Number of(int64_t x) {
    Number number;
    number.dtype = Dtype::I64;
    number.integer = x;
    return number;
  }
  static Number of(bool x) { return of(int64_t(x)); }
  bool isReal() const { return isFloat(dtype); }
  bool isUnsigned() const { return dtype >= Dtype::U8; }
  double asDouble() const;
};

/// The least or the largest number of a dtype; infinite for floats. Bits of u64.
Number limitOf(Dtype dtype, bool largest);
/// a < b of one dtype; false beside a NaN.
bool lessThan(const Number &a, const Number &b);
bool equals(const Number &a, const Number &b);
/// Element i of a tensor, and the reverse (which does not round).
Number elementAt(const HostTensor &tensor, int64_t i);
void setElement(HostTensor &tensor, int64_t i, const Number &x);
/// An integer brought to the dtype's range by dropping high bits; u64 keeps its bits.
int64_t wrapped(int64_t x, Dtype dtype);
/// To another dtype as `cast` does it: floats to integers saturate and NaN gives 0, integers wrap, to bool: x != 0.
Number converted(const Number &x, Dtype dtype);

} // namespace graphc::graph
