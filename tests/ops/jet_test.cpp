// Jets against central differences of the plain function, and their values against the plain operation.
#include "dialects/graph/jet.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace graphc::graph;

namespace {
using Function = Jet (*)(const Jet &, const Jet &);

double at(Function f, double x, double y) { return f(Jet(x), Jet(y)).v; }

/// f at (x, y) moved along two directions at once: d1 along (1, 2), d2 along (-1, 0.5), with a curved path (d12 = 0.3
/// in x).
void checkDerivatives(Function f, double x, double y) {
  const double h = 1e-4;
  auto moved = [&](double s, double t) { return at(f, x + s - t + 0.3 * s * t, y + 2 * s + 0.5 * t); };
  Jet result = f(Jet(x, 1, -1, 0.3), Jet(y, 2, 0.5, 0));
  CHECK(result.v == at(f, x, y));
  CHECK(result.d1 == Approx((moved(h, 0) - moved(-h, 0)) / (2 * h)).epsilon(1e-6).margin(1e-7));
  CHECK(result.d2 == Approx((moved(0, h) - moved(0, -h)) / (2 * h)).epsilon(1e-6).margin(1e-7));
  double mixed = (moved(h, h) - moved(h, -h) - moved(-h, h) + moved(-h, -h)) / (4 * h * h);
  CHECK(result.d12 == Approx(mixed).epsilon(1e-5).margin(1e-6));
}
} // namespace

TEST_CASE("jet arithmetic has right first and second derivatives") {
  for (double x : {-1.7, 0.3, 2.5})
    for (double y : {-0.8, 1.9}) {
      checkDerivatives([](const Jet &a, const Jet &b) { return a + b; }, x, y);
      checkDerivatives([](const Jet &a, const Jet &b) { return a - b; }, x, y);
      checkDerivatives([](const Jet &a, const Jet &b) { return -a * b; }, x, y);
      checkDerivatives([](const Jet &a, const Jet &b) { return a * b; }, x, y);
      checkDerivatives([](const Jet &a, const Jet &b) { return a / b; }, x, y);
    }
}

TEST_CASE("jet functions have right first and second derivatives") {
  for (double x : {-3.1, -0.4, 0.7, 2.2}) {
    checkDerivatives([](const Jet &a, const Jet &b) { return exp(a * b); }, x, 0.9);
    checkDerivatives([](const Jet &a, const Jet &b) { return tanh(a) * b; }, x, 1.3);
    checkDerivatives([](const Jet &a, const Jet &b) { return sigmoid(a - b); }, x, 0.2);
    checkDerivatives([](const Jet &a, const Jet &b) { return relu(a) * b; }, x, 1.1);
  }
}

TEST_CASE("jets of the mathematical functions have right derivatives") {
  for (double x : {-2.3, -0.4, 0.6, 1.7}) {
    checkDerivatives([](const Jet &a, const Jet &b) { return expm1(a * b); }, x, 0.9);
    checkDerivatives([](const Jet &a, const Jet &b) { return sin(a) * cos(b); }, x, 0.9);
    checkDerivatives([](const Jet &a, const Jet &b) { return tan(a / b); }, x, 2.9);
    checkDerivatives([](const Jet &a, const Jet &b) { return atan(a * b); }, x, 1.1);
    checkDerivatives([](const Jet &a, const Jet &b) { return sinh(a) - cosh(b); }, x, 1.1);
    checkDerivatives([](const Jet &a, const Jet &b) { return asinh(a + b); }, x, 0.3);
    checkDerivatives([](const Jet &a, const Jet &b) { return erf(a * b); }, x, 0.7);
    checkDerivatives([](const Jet &a, const Jet &b) { return abs(a) * b; }, x, 0.7);
    checkDerivatives([](const Jet &a, const Jet &b) { return minimum(a, b) * maximum(a, b * b); }, x, 0.7);
    checkDerivatives([](const Jet &a, const Jet &b) { return clamp(a * b, -1, b); }, x, 0.7);
    checkDerivatives([](const Jet &a, const Jet &b) { return fmod(a * a, b); }, x, -0.9);
    checkDerivatives([](const Jet &a, const Jet &b) { return floorMod(a * a, b); }, x, -0.9);
    checkDerivatives([](const Jet &a, const Jet &) { return pow(a, 3) * pow(a, -2); }, x, 1);
  }
  for (double x : {0.2, 0.7, 1.6, 5.0}) {
    checkDerivatives([](const Jet &a, const Jet &b) { return log(a) * log1p(b); }, x, 0.9);
    checkDerivatives([](const Jet &a, const Jet &b) { return sqrt(a) * rsqrt(a * b); }, x, 0.9);
    checkDerivatives([](const Jet &a, const Jet &b) { return asin(a / 6) * acos(b); }, x, 0.3);
    checkDerivatives([](const Jet &a, const Jet &b) { return acosh(Jet(1) + a) * atanh(b); }, x, 0.3);
    checkDerivatives([](const Jet &a, const Jet &b) { return pow(a, b); }, x, -1.3);
  }
}

TEST_CASE("derivatives at the kinks") {
  CHECK(abs(Jet(0, 1, 0, 0)).d1 == 0);
  CHECK(minimum(Jet(2, 1, 0, 0), Jet(2)).d1 == 0.5);
  CHECK(maximum(Jet(2), Jet(2, 1, 0, 0)).d1 == 0.5);
  CHECK(std::signbit(minimum(Jet(0), Jet(-0.0)).v));
  CHECK(!std::signbit(maximum(Jet(-0.0), Jet(0)).v));
  CHECK(std::isnan(minimum(Jet(1), Jet(std::nan(""))).v));
  CHECK(clamp(Jet(1, 1, 0, 0), 0, 1).d1 == 1);
  CHECK(clamp(Jet(3), 2, Jet(1, 1, 0, 0)).d1 == 1);
  CHECK(pow(Jet(0, 1, 0, 0), 2).d1 == 0);
  CHECK(pow(Jet(0, 1, 1, 0), 2).d12 == 2);
  CHECK(pow(Jet(0, 1, 0, 0), 1).d1 == 1);
  CHECK(pow(Jet(-2, 1, 0, 0), 2).d1 == -4);
}

TEST_CASE("special values of jet functions") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(sigmoid(Jet(-inf)).v == 0);
  CHECK(sigmoid(Jet(inf)).v == 1);
  CHECK(sigmoid(Jet(-800)).v == 0);
  CHECK(sigmoid(Jet(0)).v == 0.5);
  CHECK(std::isnan(sigmoid(Jet(nan)).v));
  CHECK(std::isnan(relu(Jet(nan)).v));
  CHECK(relu(Jet(-inf)).v == 0);
  CHECK(relu(Jet(inf)).v == inf);
  CHECK(std::signbit(relu(Jet(-0.0)).v));
  CHECK(relu(Jet(0, 1, 1, 1)).d1 == 0);
  CHECK(relu(Jet(0, 1, 1, 1)).d12 == 0);
  CHECK((Jet(1) / Jet(0)).v == inf);
}
