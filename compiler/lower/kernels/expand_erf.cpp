// erf: near 0 an odd polynomial, beyond it 1 - e^p(x), p the logarithm of erfc.
#include "compiler/lower/kernels/math_coefficients.h"
#include "compiler/lower/kernels/math_families.h"

using namespace mlir;
using namespace graphc::lower;

Value graphc::lower::expandErf(Expander &e, Value x) {
  Value size = e.abs(x), square = e.mul(size, size);
  Value small = e.fma(size, e.polynomial(square, coefficients::erf64, coefficients::erf32), size);
  Value bounded = e.atMost(e.atLeast(size, 1), e.choose(6, 4)); // erf is 1 from there on
  Value exponent = e.wide ? e.polynomial(e.sub(bounded, e.f(2)), coefficients::erfc64)
                          : e.polynomial(bounded, coefficients::erfcNear32);
  auto [p, n] = expParts(e, exponent);
  Value large = e.sub(e.f(1), e.mul(p, e.power(n)));
  return e.withSignOf(e.select(e.less(size, e.f(1)), small, large), x);
}
