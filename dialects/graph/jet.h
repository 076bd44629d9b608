// A double with two tangents and their mixed second derivative: v + d1 e1 + d2 e2 + d12 e1 e2 with e1^2 = e2^2 = 0. The
// same reference code so yields values, tangents and second derivatives. The value of every operation is exactly that
// of the plain double operation.
#pragma once

namespace graphc::graph {

struct Jet {
  double v = 0, d1 = 0, d2 = 0, d12 = 0;
  Jet() = default;
  Jet(double v) : v(v) {} // a constant; implicit, so that formulas read as written
  Jet(double v, double d1, double d2, double d12) : v(v), d1(d1), d2(d2), d12(d12) {}
};

Jet operator+(const Jet &a, const Jet &b);
Jet operator-(const Jet &a, const Jet &b);
Jet operator-(const Jet &a);
Jet operator*(const Jet &a, const Jet &b);
Jet operator/(const Jet &a, const Jet &b);

/// Comparisons look at the value alone.
inline bool operator<(const Jet &a, const Jet &b) { return a.v < b.v; }
inline bool operator>(const Jet &a, const Jet &b) { return a.v > b.v; }

Jet exp(const Jet &x);
Jet tanh(const Jet &x);
/// 1 / (1 + exp(-x)), without overflow on either side.
Jet sigmoid(const Jet &x);
/// 0 for x < 0, else x (NaN and -0 pass); the derivative at 0 is 0.
Jet relu(const Jet &x);

} // namespace graphc::graph
