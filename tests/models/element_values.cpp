// element_values.h. f16 and bf16 go through APFloat, as nothing else here may depend on what the compiler under test
// does.
#include "tests/models/element_values.h"
#include "dialects/graph/element_type.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace graphc::test {
using graph::Dtype;
using graph::HostTensor;

namespace {
struct FloatFormat {
  int digits, leastExponent; // of the significand; of the smallest normal number
  double largest;
};

FloatFormat formatOf(Dtype dtype) {
  switch (dtype) {
  case Dtype::F64:
    return {53, -1022, std::numeric_limits<double>::max()};
  case Dtype::F16:
    return {11, -14, 65504};
  case Dtype::BF16:
    return {8, -126, std::ldexp(255.0, 120)};
  default:
    return {24, -126, std::numeric_limits<float>::max()};
  }
}

const llvm::fltSemantics &semanticsOf(Dtype dtype) {
  return dtype == Dtype::F16 ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
}

double spacing(double x, Dtype dtype) {
  FloatFormat format = formatOf(dtype);
  int exponent = x == 0 ? format.leastExponent : std::max(std::ilogb(x), format.leastExponent);
  return std::ldexp(1.0, exponent - format.digits + 1);
}

double specialFloat(Dtype dtype, std::mt19937 &random) {
  FloatFormat format = formatOf(dtype);
  const double tiny = std::ldexp(1.0, format.leastExponent - format.digits + 1);
  const double values[] = {NAN,
                           INFINITY,
                           -INFINITY,
                           0.0,
                           -0.0,
                           tiny,
                           -3 * tiny,
                           format.largest,
                           -format.largest,
                           88.72,
                           -87.5,
                           -103.0,
                           20.0,
                           -20.0,
                           1e-8,
                           0.625,
                           0.5,
                           1.5,
                           2.5,
                           -0.5,
                           -2.5,
                           709.5,
                           1.0,
                           -1.0,
                           2.0,
                           3e9,
                           -129.0,
                           1e19,
                           32768.0,
                           -1e-30,
                           1e-30,
                           std::ldexp(1.0, format.leastExponent)};
  return values[random() % (sizeof values / sizeof values[0])];
}

double drawFloat(Dtype dtype, const ValueKind &kind, std::mt19937 &random) {
  std::normal_distribution<double> normal;
  switch (kind.kind) {
  case ValueKind::Special:
    return random() % 3 == 0 ? specialFloat(dtype, random) : 2 * normal(random);
  case ValueKind::Positive:
    return std::exp(normal(random));
  case ValueKind::Small:
    return double(random() % 9) - 4;
  case ValueKind::Unit:
    return double(random() % 4097) / 4096;
  case ValueKind::Between:
    return double(kind.low) + double(random() % 65537) / 65536 * double(kind.high - kind.low);
  default:
    return 2 * normal(random);
  }
}

/// A quarter of Normal are any bits, Special has the ends of the range too.
int64_t drawInteger(Dtype dtype, const ValueKind &kind, std::mt19937 &random) {
  uint64_t bits = (uint64_t(random()) << 32) | random();
  int width = 8 * int(graph::dtypeBytes(dtype));
  int64_t small = int64_t(bits % 201) - 100;
  switch (kind.kind) {
  case ValueKind::Positive:
    return 1 + int64_t(bits % 100);
  case ValueKind::Small:
    return dtype >= Dtype::U8 ? int64_t(bits % 9) : int64_t(bits % 9) - 4;
  case ValueKind::Unit:
    return bits & 1;
  case ValueKind::Between:
    return kind.low + int64_t(bits % uint64_t(kind.high - kind.low + 1));
  case ValueKind::Special: {
    const int64_t ends[] = {0, 1, -1, int64_t(uint64_t(1) << (width - 1)), int64_t((uint64_t(1) << (width - 1)) - 1)};
    if (random() % 3 == 0) return ends[random() % 5];
    break;
  }
  default:
    break;
  }
  return random() % 4 == 0 ? int64_t((uint64_t(random()) << 32) | random()) : small;
}

bool isNan(double x) { return std::isnan(x); }
} // namespace

bool ValueKind::parse(llvm::StringRef text, ValueKind &kind) {
  static const std::pair<llvm::StringRef, Kind> words[] = {
      {"normal", Normal}, {"special", Special}, {"positive", Positive}, {"small ints", Small},
      {"unit", Unit},     {"sorted", Sorted},   {"distinct", Distinct}};
  for (auto [word, value] : words)
    if (text == word) return kind.kind = value, true;
  kind.kind = Between;
  if (text.consume_front("index below ")) {
    int64_t count = 0;
    if (text.trim().getAsInteger(10, count)) return false;
    kind.high = std::max<int64_t>(count - 1, 0);
    return true;
  }
  if (!text.consume_front("between ")) return false;
  auto [low, high] = text.split(" and ");
  return !low.trim().getAsInteger(10, kind.low) && !high.trim().getAsInteger(10, kind.high) && kind.low <= kind.high;
}

HostTensor drawTensor(Dtype dtype, llvm::ArrayRef<int64_t> shape, const ValueKind &kind, std::mt19937 &random) {
  HostTensor tensor(dtype, shape);
  size_t count = size_t(tensor.size());
  for (size_t i = 0; i < count; ++i) {
    bool listed = kind.kind == ValueKind::Listed && !kind.listed.empty();
    double value = listed ? kind.listed[i % kind.listed.size()] : double(i) - double(count / 2);
    bool counted = listed || kind.kind == ValueKind::Distinct;
    if (graph::isFloat(dtype))
      tensor.floats[i] = graph::Jet(counted ? value : drawFloat(dtype, kind, random));
    else
      tensor.integers[i] = counted ? int64_t(value) : drawInteger(dtype, kind, random);
  }
  if (kind.kind == ValueKind::Distinct) {
    std::shuffle(tensor.floats.begin(), tensor.floats.end(), random);
    std::shuffle(tensor.integers.begin(), tensor.integers.end(), random);
  }
  if (dtype == Dtype::Bool && kind.kind != ValueKind::Listed)
    for (int64_t &x : tensor.integers) x &= 1; // as many of each
  tensor.round();
  if (kind.kind == ValueKind::Sorted) {
    std::sort(tensor.floats.begin(), tensor.floats.end());
    std::sort(tensor.integers.begin(), tensor.integers.end());
  }
  return tensor;
}

std::vector<char> toMemory(const HostTensor &tensor) {
  unsigned size = graph::dtypeBytes(tensor.dtype);
  std::vector<char> bytes(size_t(tensor.size()) * size);
  for (size_t i = 0, n = size_t(tensor.size()); i < n; ++i) {
    char *at = bytes.data() + i * size;
    if (!graph::isFloat(tensor.dtype)) {
      std::memcpy(at, &tensor.integers[i], size); // little-endian: the low bytes
      continue;
    }
    double x = tensor.floats[i].v;
    if (tensor.dtype == Dtype::F64) {
      std::memcpy(at, &x, 8);
    } else if (tensor.dtype == Dtype::F32) {
      float f = float(x);
      std::memcpy(at, &f, 4);
    } else {
      llvm::APFloat small(x);
      bool losesInfo = false;
      small.convert(semanticsOf(tensor.dtype), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
      uint16_t raw = uint16_t(small.bitcastToAPInt().getZExtValue());
      std::memcpy(at, &raw, 2);
    }
  }
  return bytes;
}

HostTensor fromMemory(Dtype dtype, llvm::ArrayRef<int64_t> shape, const char *bytes) {
  HostTensor tensor(dtype, shape);
  unsigned size = graph::dtypeBytes(dtype);
  for (size_t i = 0, n = size_t(tensor.size()); i < n; ++i, bytes += size) {
    if (!graph::isFloat(dtype)) {
      int64_t raw = 0;
      std::memcpy(&raw, bytes, size);
      int shift = 64 - 8 * int(size);
      bool isSigned = dtype < Dtype::U8; // a bool keeps its byte: what is neither 0 nor 1 then differs
      tensor.integers[i] = isSigned ? int64_t(uint64_t(raw) << shift) >> shift : raw;
    } else if (dtype == Dtype::F64) {
      std::memcpy(&tensor.floats[i].v, bytes, 8);
    } else if (dtype == Dtype::F32) {
      float f;
      std::memcpy(&f, bytes, 4);
      tensor.floats[i].v = f;
    } else {
      uint16_t raw;
      std::memcpy(&raw, bytes, 2);
      tensor.floats[i].v = llvm::APFloat(semanticsOf(dtype), llvm::APInt(16, raw)).convertToDouble();
    }
  }
  return tensor;
}

double Tolerance::ulpOf(Dtype dtype) const {
  auto found = ulp.find(graph::dtypeName(dtype).str());
  if (found == ulp.end()) found = ulp.find("");
  return found == ulp.end() ? 0 : found->second;
}

std::string compareTensors(const HostTensor &got, const HostTensor &want, const Tolerance &tolerance) {
  if (got.dtype != want.dtype || got.shape != want.shape) return "has another dtype or shape than the reference";
  for (size_t i = 0; i < want.integers.size(); ++i)
    if (got.integers[i] != want.integers[i])
      return "element " + std::to_string(i) + " is " + std::to_string(got.integers[i]) + ", not " +
             std::to_string(want.integers[i]);
  double largest = 0;
  for (const graph::Jet &x : want.floats)
    if (std::isfinite(x.v)) largest = std::max(largest, std::fabs(x.v));
  double share = tolerance.relativeToMax * (want.dtype == Dtype::F64 ? std::ldexp(1.0, -29) : 1),
         ulp = tolerance.ulpOf(want.dtype);
  for (size_t i = 0; i < want.floats.size(); ++i) {
    double value = got.floats[i].v, wanted = want.floats[i].v;
    if (isNan(value) && isNan(wanted)) continue;
    if (value == wanted && (value != 0 || std::signbit(value) == std::signbit(wanted) || share > 0)) continue;
    double unit = std::isfinite(wanted) ? spacing(wanted, want.dtype) : 1, off = std::fabs(value - wanted);
    if (std::isfinite(value) && std::isfinite(wanted) && value != wanted && off <= ulp * unit + share * largest)
      continue;
    char text[128];
    std::snprintf(text, sizeof text, "element %zu is %.17g, not %.17g (%.2f ulp)", i, value, wanted, off / unit);
    return text;
  }
  return "";
}

} // namespace graphc::test
