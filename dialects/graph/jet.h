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

/// f(x) from f, f' and f'' at x.v.
Jet chain(const Jet &x, double f, double df, double ddf);

// The function of <cmath> of that name, with its derivatives.
Jet exp(const Jet &x);
Jet expm1(const Jet &x);
Jet log(const Jet &x);
Jet log1p(const Jet &x);
Jet sqrt(const Jet &x);
Jet sin(const Jet &x);
Jet cos(const Jet &x);
Jet tan(const Jet &x);
Jet asin(const Jet &x);
Jet acos(const Jet &x);
Jet atan(const Jet &x);
Jet sinh(const Jet &x);
Jet cosh(const Jet &x);
Jet tanh(const Jet &x);
Jet asinh(const Jet &x);
Jet acosh(const Jet &x);
Jet atanh(const Jet &x);
Jet erf(const Jet &x);
/// A derivative that is 0 times infinity counts as 0: pow(x, 2) has one at x = 0, pow(x, y) at x = 0 for y > 0.
Jet pow(const Jet &x, const Jet &y);

/// 1 / sqrt(x)
Jet rsqrt(const Jet &x);
/// 1 / (1 + exp(-x)), without overflow on either side.
Jet sigmoid(const Jet &x);
/// 0 for x < 0, else x (NaN and -0 pass); the derivative at 0 is 0.
Jet relu(const Jet &x);
/// The derivative at 0 is 0.
Jet abs(const Jet &x);
/// NaN if either is; -0 < 0. Where both are equal each has half of the derivative.
Jet minimum(const Jet &a, const Jet &b);
Jet maximum(const Jet &a, const Jet &b);
/// minimum(maximum(x, low), high), but the derivative is all x's where x is one of the bounds.
Jet clamp(const Jet &x, const Jet &low, const Jet &high);
/// x - y times the quotient, which was rounded to an integer: toward zero, and down.
Jet fmod(const Jet &x, const Jet &y);
Jet floorMod(const Jet &x, const Jet &y);

} // namespace graphc::graph
