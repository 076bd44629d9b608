// Sum, product and quotient rule, and the chain rule for the rest.
#include "dialects/graph/jet.h"
#include <cmath>

namespace graphc::graph {

/// f(x) from f, f' and f'' at x.v.
static Jet chain(const Jet &x, double f, double df, double ddf) {
  return {f, df * x.d1, df * x.d2, ddf * x.d1 * x.d2 + df * x.d12};
}

Jet operator+(const Jet &a, const Jet &b) { return {a.v + b.v, a.d1 + b.d1, a.d2 + b.d2, a.d12 + b.d12}; }
Jet operator-(const Jet &a, const Jet &b) { return {a.v - b.v, a.d1 - b.d1, a.d2 - b.d2, a.d12 - b.d12}; }
Jet operator-(const Jet &a) { return {-a.v, -a.d1, -a.d2, -a.d12}; }
Jet operator*(const Jet &a, const Jet &b) {
  return {a.v * b.v, a.d1 * b.v + a.v * b.d1, a.d2 * b.v + a.v * b.d2,
          a.d12 * b.v + a.d1 * b.d2 + a.d2 * b.d1 + a.v * b.d12};
}
Jet operator/(const Jet &a, const Jet &b) { // q b = a, differentiated
  Jet q(a.v / b.v);
  q.d1 = (a.d1 - q.v * b.d1) / b.v;
  q.d2 = (a.d2 - q.v * b.d2) / b.v;
  q.d12 = (a.d12 - q.d1 * b.d2 - q.d2 * b.d1 - q.v * b.d12) / b.v;
  return q;
}

Jet exp(const Jet &x) {
  double e = std::exp(x.v);
  return chain(x, e, e, e);
}

Jet tanh(const Jet &x) {
  double t = std::tanh(x.v), slope = 1 - t * t;
  return chain(x, t, slope, -2 * t * slope);
}

Jet sigmoid(const Jet &x) {
  double z = std::exp(-std::abs(x.v));
  double s = (x.v < 0 ? z : 1) / (1 + z), slope = z / ((1 + z) * (1 + z));
  return chain(x, s, slope, slope * (1 - 2 * s));
}

Jet relu(const Jet &x) {
  if (x.v > 0 || std::isnan(x.v)) return x;
  return x.v < 0 ? Jet(0) : Jet(x.v); // zero of either sign: a constant
}

} // namespace graphc::graph
