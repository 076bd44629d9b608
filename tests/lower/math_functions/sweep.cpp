// Calls every function of a library made of functions.py over special values, spaced bit patterns and random numbers,
// and compares with glibc of the next wider type. Prints the largest error of each in ulp; fails above its limit, or
// where a special result (NaN, infinity, sign of 0) differs, or where scalar and vector code differ in a bit.
// usage: sweep LIBRARY LEVEL [COUNT]; does nothing on a machine without the level.
#include "open_library.h"
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <limits>
#include <string>
#include <vector>

namespace {
using Wide = long double;
struct Function {
  const char *name;
  Wide (*unary)(Wide);
  Wide (*binary)(Wide, Wide);
  double low, high; // where the random numbers are dense
  double limit32, limit64;
};

Wide rsqrt(Wide x) { return 1 / std::sqrt(x); }

constexpr double unbounded = 0;
const Function functions[] = {
    {"exp", std::exp, nullptr, -750, 750, 2, 2},      {"expm1", std::expm1, nullptr, -50, 720, 2, 2},
    {"log", std::log, nullptr, 0, 4, 2, 2},           {"log1p", std::log1p, nullptr, -1, 3, 2, 2},
    {"sin", std::sin, nullptr, -100, 100, 2, 2},      {"cos", std::cos, nullptr, -100, 100, 2, 2},
    {"tan", std::tan, nullptr, -100, 100, 2, 2},      {"asin", std::asin, nullptr, -1, 1, 2, 2},
    {"acos", std::acos, nullptr, -1, 1, 2, 2},        {"atan", std::atan, nullptr, -5, 5, 2, 2},
    {"sinh", std::sinh, nullptr, -20, 20, 2, 2},      {"cosh", std::cosh, nullptr, -20, 20, 2, 2},
    {"tanh", std::tanh, nullptr, -10, 10, 2, 2},      {"asinh", std::asinh, nullptr, -5, 5, 2, 2},
    {"acosh", std::acosh, nullptr, 1, 5, 2, 2},       {"atanh", std::atanh, nullptr, -1, 1, 2, 2},
    {"erf", std::erf, nullptr, -6, 6, 2, 2},          {"rsqrt", rsqrt, nullptr, 0, 4, 2, 2},
    {"atan2", nullptr, std::atan2, -4, 4, 2, 2},      {"remf", nullptr, std::fmod, -40, 40, 0, 0},
    {"powf", nullptr, std::pow, unbounded, 40, 2, 2},
};

uint64_t state = 1;
uint64_t next() { // splitmix64
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

template <typename T> using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
template <typename T> T fromBits(uint64_t bits) {
  Bits<T> narrow = static_cast<Bits<T>>(bits);
  T value;
  std::memcpy(&value, &narrow, sizeof value);
  return value;
}

/// Values at which functions change their way or their kind of result, with both signs and their neighbours.
template <typename T> std::vector<T> specialValues() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values{0, Limits::denorm_min(), Limits::min(), Limits::max(), Limits::infinity(), Limits::quiet_NaN()};
  for (double x : {0.25,
                   0.3,
                   1.0 / 3,
                   0.41421356237309503,
                   0.5,
                   0.54,
                   0.625,
                   0.70710678118654752,
                   1.0,
                   1.4142135623730951,
                   1.5,
                   1.5707963267948966,
                   2.0,
                   2.414213562373095,
                   3.0,
                   3.141592653589793,
                   6.0,
                   10.0,
                   22.0,
                   710.4758600739439,
                   709.782712893384,
                   745.1332191019412,
                   88.72283905206835,
                   89.41598629223294,
                   103.97207708399179,
                   0x1p12,
                   0x1p20,
                   0x1p25,
                   0x1p30,
                   0x1p52,
                   0x1p60,
                   1e22,
                   6381956970095103.0 * 0x1p797,
                   16367173.0 * 0x1p72})
    values.push_back(static_cast<T>(x));
  std::vector<T> all;
  for (T value : values)
    for (T near : {value, std::nextafter(value, T(0)), std::nextafter(value, Limits::infinity())}) {
      all.push_back(near);
      all.push_back(-near);
    }
  return all;
}

/// The spacing of T's numbers at a value.
template <typename T> Wide spacing(Wide value) {
  using Limits = std::numeric_limits<T>;
  int exponent = std::ilogb(std::fabs(value));
  if (value == 0 || exponent < Limits::min_exponent - 1) exponent = Limits::min_exponent - 1;
  return std::ldexp(Wide(1), exponent - Limits::digits + 1);
}

/// The error in ulp; infinite where the kind of the result differs.
template <typename T> double errorInUlp(T got, Wide want) {
  Wide wrong = std::numeric_limits<Wide>::infinity();
  if (std::isnan(want)) return static_cast<double>(std::isnan(got) ? Wide(0) : wrong);
  if (std::isnan(got)) return static_cast<double>(wrong);
  if (std::signbit(got) != std::signbit(want)) return static_cast<double>(wrong);
  const Wide max = std::numeric_limits<T>::max(), past = max + spacing<T>(max);
  if (std::isinf(want)) return static_cast<double>(std::isinf(got) ? Wide(0) : wrong);
  Wide value = std::isinf(got) ? past : Wide(got); // an overflow is the next number up
  if (std::isinf(got) && std::fabs(want) < max) return static_cast<double>(wrong);
  if (std::isinf(got) && std::fabs(want) > past) return 0;
  if (std::isinf(got)) return static_cast<double>((past - std::fabs(want)) / spacing<T>(want));
  return static_cast<double>(std::fabs(std::fabs(value) - std::fabs(want)) /
                             spacing<T>(std::fmin(std::fabs(want), max)));
}

template <typename T> struct Inputs {
  std::vector<T> a, b;
};

template <typename T> Inputs<T> inputs(const Function &function, size_t count) {
  Inputs<T> in;
  std::vector<T> special = specialValues<T>();
  if (function.unary) {
    in.a = special;
    for (size_t i = 0; i < count; ++i) in.a.push_back(fromBits<T>(next()));
    for (size_t i = 0; i < 2 * count; ++i)
      in.a.push_back(static_cast<T>(function.low + (function.high - function.low) * uniform()));
    for (size_t i = 0; i < count; ++i) in.a.push_back(static_cast<T>((uniform() - 0.5) * std::exp2(-40 * uniform())));
    return in;
  }
  for (T x : special)
    for (T y : special) in.a.push_back(x), in.b.push_back(y);
  for (size_t i = 0; i < count; ++i) in.a.push_back(fromBits<T>(next())), in.b.push_back(fromBits<T>(next()));
  for (size_t i = 0; i < 3 * count; ++i) {
    T x = static_cast<T>(function.low + (function.high - function.low) * uniform());
    // pow: exponents that lead up to the largest result, and whole ones of a negative base.
    double y = function.low + (function.high - function.low) * uniform();
    if (function.low == unbounded) {
      double reach = sizeof(T) == 4 ? 104 : 750;
      if (i % 3 == 1) x = static_cast<T>(1 + (uniform() - 0.5) * std::exp2(-20 * uniform()));
      y = (2 * uniform() - 1) * reach / std::fabs(std::log(static_cast<double>(x)));
      if (i % 3 == 2) y = std::round(y), x = -x;
    }
    in.a.push_back(x);
    in.b.push_back(static_cast<T>(y));
  }
  return in;
}

template <typename T> std::vector<T> call(void *library, const std::string &name, const Inputs<T> &in) {
  std::vector<T> out(in.a.size());
  void *symbol = dlsym(library, name.c_str());
  if (!symbol) std::fprintf(stderr, "no function %s\n", name.c_str()), std::exit(2);
  int64_t n = static_cast<int64_t>(in.a.size());
  if (in.b.empty())
    reinterpret_cast<void (*)(int64_t, const T *, T *)>(symbol)(n, in.a.data(), out.data());
  else
    reinterpret_cast<void (*)(int64_t, const T *, const T *, T *)>(symbol)(n, in.a.data(), in.b.data(), out.data());
  return out;
}

/// The largest error; prints it and where.
template <typename T> bool sweep(void *library, const Function &function, size_t count) {
  std::string type = sizeof(T) == 4 ? "f32" : "f64", name = std::string(function.name) + "_" + type;
  Inputs<T> in = inputs<T>(function, count);
  while (in.a.size() % 16) in.a.push_back(1), in.b.resize(in.b.empty() ? 0 : in.a.size(), T(1));
  std::vector<T> vectors = call(library, name, in), scalars = call(library, name + "_scalar", in);
  double worst = 0;
  size_t at = 0, different = 0;
  for (size_t i = 0; i < in.a.size(); ++i) {
    Wide want = function.unary ? function.unary(in.a[i]) : function.binary(in.a[i], in.b[i]);
    double error = errorInUlp<T>(vectors[i], want);
    if (error > worst) worst = error, at = i;
    bool bothNan = std::isnan(vectors[i]) && std::isnan(scalars[i]);
    different += !bothNan && std::memcmp(&vectors[i], &scalars[i], sizeof(T)) != 0;
  }
  double limit = sizeof(T) == 4 ? function.limit32 : function.limit64;
  bool good = worst <= limit && !different;
  std::printf("%-6s %s %8.3f  at %a %a: %a%s\n", function.name, type.c_str(), worst, double(in.a[at]),
              in.b.empty() ? 0.0 : double(in.b[at]), double(vectors[at]), good ? "" : "  FAILED");
  if (different) std::printf("%s: scalar and vector differ %zu times\n", function.name, different);
  return good;
}

} // namespace

int main(int argc, char **argv) {
  void *library = openLibrary(argc, argv);
  size_t count = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 20000;
  bool good = true;
  for (const Function &function : functions) {
    good &= sweep<float>(library, function, count);
    good &= sweep<double>(library, function, count);
  }
  return good ? 0 : 1;
}
