// Sum, product and quotient rule, the chain rule with two derivatives per function, and what happens at the kinks.
#include "dialects/graph/jet.h"
#include <cmath>

namespace graphc::graph {

Jet chain(const Jet &x, double f, double df, double ddf) {
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

Jet expm1(const Jet &x) {
  double e = std::exp(x.v);
  return chain(x, std::expm1(x.v), e, e);
}

Jet log(const Jet &x) { return chain(x, std::log(x.v), 1 / x.v, -1 / (x.v * x.v)); }

Jet log1p(const Jet &x) {
  double slope = 1 / (1 + x.v);
  return chain(x, std::log1p(x.v), slope, -slope * slope);
}

Jet sqrt(const Jet &x) {
  double root = std::sqrt(x.v), slope = 0.5 / root;
  return chain(x, root, slope, -0.5 * slope / x.v);
}

Jet rsqrt(const Jet &x) {
  double r = 1 / std::sqrt(x.v), slope = -0.5 * r / x.v;
  return chain(x, r, slope, -1.5 * slope / x.v);
}

Jet sin(const Jet &x) {
  double s = std::sin(x.v);
  return chain(x, s, std::cos(x.v), -s);
}

Jet cos(const Jet &x) {
  double c = std::cos(x.v);
  return chain(x, c, -std::sin(x.v), -c);
}

Jet tan(const Jet &x) {
  double t = std::tan(x.v), slope = 1 + t * t;
  return chain(x, t, slope, 2 * t * slope);
}

Jet asin(const Jet &x) {
  double rest = (1 - x.v) * (1 + x.v), slope = 1 / std::sqrt(rest);
  return chain(x, std::asin(x.v), slope, x.v * slope / rest);
}

Jet acos(const Jet &x) {
  double rest = (1 - x.v) * (1 + x.v), slope = -1 / std::sqrt(rest);
  return chain(x, std::acos(x.v), slope, x.v * slope / rest);
}

Jet atan(const Jet &x) {
  double slope = 1 / (1 + x.v * x.v);
  return chain(x, std::atan(x.v), slope, -2 * x.v * slope * slope);
}

Jet sinh(const Jet &x) {
  double s = std::sinh(x.v);
  return chain(x, s, std::cosh(x.v), s);
}

Jet cosh(const Jet &x) {
  double c = std::cosh(x.v);
  return chain(x, c, std::sinh(x.v), c);
}

Jet tanh(const Jet &x) {
  double t = std::tanh(x.v), slope = 1 - t * t;
  return chain(x, t, slope, -2 * t * slope);
}

Jet asinh(const Jet &x) {
  double rest = 1 + x.v * x.v, slope = 1 / std::sqrt(rest);
  return chain(x, std::asinh(x.v), slope, -x.v * slope / rest);
}

Jet acosh(const Jet &x) {
  double rest = (x.v - 1) * (x.v + 1), slope = 1 / std::sqrt(rest);
  return chain(x, std::acosh(x.v), slope, -x.v * slope / rest);
}

Jet atanh(const Jet &x) {
  double slope = 1 / ((1 - x.v) * (1 + x.v));
  return chain(x, std::atanh(x.v), slope, 2 * x.v * slope * slope);
}

Jet erf(const Jet &x) {
  constexpr double twoOverRootPi = 1.1283791670955126;
  double slope = twoOverRootPi * std::exp(-x.v * x.v);
  return chain(x, std::erf(x.v), slope, -2 * x.v * slope);
}

static double times(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; }

Jet pow(const Jet &x, const Jet &y) {
  double power = std::pow(x.v, y.v), lower = std::pow(x.v, y.v - 1), log = std::log(x.v);
  double dx = times(y.v, lower), dy = times(power, log);
  double dxx = times(y.v * (y.v - 1), std::pow(x.v, y.v - 2)), dxy = lower + times(dx, log), dyy = times(dy, log);
  return {power, times(dx, x.d1) + times(dy, y.d1), times(dx, x.d2) + times(dy, y.d2),
          times(dxx, x.d1 * x.d2) + times(dxy, x.d1 * y.d2 + x.d2 * y.d1) + times(dyy, y.d1 * y.d2) + times(dx, x.d12) +
              times(dy, y.d12)};
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

Jet abs(const Jet &x) {
  if (x.v == 0) return 0;
  return x.v < 0 ? -x : x;
}

Jet minimum(const Jet &a, const Jet &b) { return -maximum(-a, -b); }

Jet maximum(const Jet &a, const Jet &b) {
  if (std::isnan(a.v)) return a;
  if (std::isnan(b.v)) return b;
  if (a.v != b.v) return a.v > b.v ? a : b;
  return {std::signbit(a.v) ? b.v : a.v, (a.d1 + b.d1) / 2, (a.d2 + b.d2) / 2, (a.d12 + b.d12) / 2};
}

Jet clamp(const Jet &x, const Jet &low, const Jet &high) {
  Jet y = minimum(maximum(x, low), high);
  if (x.v < low.v || x.v > high.v || low.v > high.v || std::isnan(y.v)) return y;
  return {y.v, x.d1, x.d2, x.d12};
}

/// x - n y for the integer n that makes this `rest`.
static Jet remainder(const Jet &x, const Jet &y, double rest) {
  double n = std::round((x.v - rest) / y.v);
  return {rest, x.d1 - n * y.d1, x.d2 - n * y.d2, x.d12 - n * y.d12};
}

Jet fmod(const Jet &x, const Jet &y) { return remainder(x, y, std::fmod(x.v, y.v)); }

Jet floorMod(const Jet &x, const Jet &y) {
  double rest = std::fmod(x.v, y.v);
  if (rest == 0)
    rest = std::copysign(0.0, y.v);
  else if ((rest < 0) != (y.v < 0))
    rest += y.v;
  return remainder(x, y, rest);
}

} // namespace graphc::graph
