// Interpolation is separable: along one axis each new element is a weighted sum of a few old ones, whose positions and
// weights follow from the sizes alone. They become constant tables, and the graph gets gather, mul and sum. A dense
// matrix [new, old] would do too, but it multiplies what a sum does not see by 0, which is NaN for infinite elements.
#include "compiler/onnx/resample.h"
#include <cmath>

namespace graphc::onnx {
using graph::Dtype;
namespace {

constexpr int64_t maxTable = int64_t(1) << 20; // positions and weights of one axis

struct Table {
  int64_t taps = 1;
  Ints positions; // [size, taps]
  std::vector<double> weights;
  std::vector<bool> inside; // [size]: the coordinate lies within x
};

/// The coordinate in the old axis of position `at` of the new one, as ONNX defines it; nullopt for an unknown word.
std::optional<double> coordinate(const ResampledAxis &to, int64_t oldSize, int64_t at, llvm::StringRef word) {
  auto j = static_cast<double>(at), old = static_cast<double>(oldSize), size = to.scale * old;
  double halfPixel = (j + 0.5) / to.scale - 0.5;
  if (word == "half_pixel") return halfPixel;
  if (word == "pytorch_half_pixel") return size == 1 ? -0.5 : halfPixel;
  if (word == "asymmetric") return j / to.scale;
  if (word == "align_corners") return size == 1 ? 0 : j * (old - 1) / (size - 1);
  if (word == "half_pixel_symmetric") return halfPixel + old / 2 * (1 - static_cast<double>(to.size) / size);
  if (word != "tf_crop_and_resize") return std::nullopt;
  double last = old - 1, region = (to.regionEnd - to.regionStart) * last;
  double x = to.regionStart * last + (size == 1 ? region / 2 : j * region / (size - 1));
  // A region is f32: rounding alone must not put its end outside of x.
  double slack = 1e-6 * std::max(1.0, last);
  if (std::abs(x) < slack) return 0;
  return std::abs(x - last) < slack ? last : x;
}

double linearKernel(double x) { return std::max(0.0, 1 - std::abs(x)); }
/// Keys' kernel.
double cubicKernel(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

double rounded(double x, llvm::StringRef word) {
  if (word == "floor") return std::floor(x);
  if (word == "ceil") return std::ceil(x);
  return word == "round_prefer_ceil" ? std::floor(x + 0.5) : std::ceil(x - 0.5);
}

/// The weights of one new element, which sees `taps` old ones from `start` on; those outside repeat the border or do
/// not count. Antialiasing widens the kernel to the distance of new elements, so that every old one counts somewhere.
void addWeights(Table &table, double x, double start, int64_t oldSize, double stretch, const Resampling &how) {
  double sum = 0;
  size_t first = table.weights.size();
  for (int64_t tap = 0; tap < table.taps; ++tap) {
    double at = start + static_cast<double>(tap), distance = (at - x) * stretch;
    double weight = how.mode == "linear" ? linearKernel(distance) : cubicKernel(distance, how.cubicCoefficient);
    if (how.excludeOutside && (at < 0 || at >= static_cast<double>(oldSize))) weight = 0;
    table.weights.push_back(weight);
    sum += weight;
  }
  bool normalize = (how.antialias || how.excludeOutside) && sum != 0;
  for (size_t i = first; i < table.weights.size() && normalize; ++i) table.weights[i] /= sum;
}

std::optional<Table> makeTable(NodeBuilder &n, const ResampledAxis &to, int64_t oldSize, const Resampling &how) {
  if (oldSize < 1 || to.size < 1) {
    n.error("G0202", "axis " + llvm::Twine(to.axis) + " is empty, or would be");
    return std::nullopt;
  }
  double stretch = how.antialias ? std::min(to.scale, 1.0) : 1;
  double reach = how.mode == "nearest" ? 0 : std::ceil((how.mode == "linear" ? 1 : 2) / stretch);
  Table table;
  if (reach * 2 * static_cast<double>(to.size) > maxTable || to.size > maxTable) {
    n.unsupported("a new size of axis " + llvm::Twine(to.axis) + " that needs more than 2^20 weights");
    return std::nullopt;
  }
  table.taps = reach > 0 ? 2 * static_cast<int64_t>(reach) : 1;
  auto last = static_cast<double>(oldSize - 1);
  for (int64_t j = 0; j < to.size; ++j) {
    std::optional<double> found = coordinate(to, oldSize, j, how.coordinates);
    if (!found || !std::isfinite(*found)) {
      n.error("G0202", "attribute 'coordinate_transformation_mode' or its region says no coordinate of axis " +
                           llvm::Twine(to.axis));
      return std::nullopt;
    }
    double x = *found;
    table.inside.push_back(how.coordinates != "tf_crop_and_resize" || (x >= 0 && x <= last));
    double start = reach > 0 ? std::floor(x) - reach + 1 : rounded(x, how.nearest);
    for (int64_t tap = 0; tap < table.taps; ++tap)
      table.positions.push_back(static_cast<int64_t>(std::clamp(start + static_cast<double>(tap), 0.0, last)));
    if (reach > 0) addWeights(table, x, start, oldSize, stretch, how);
  }
  return table;
}

Value alongAxis(NodeBuilder &n, Value x, int64_t axis, const Table &table) {
  auto size = static_cast<int64_t>(table.inside.size());
  if (table.weights.empty()) return n.op("gather", {x, n.list(table.positions)}, {{"axis", axis}});
  Ints shape(x.rank() + 1, 1);
  shape[axis] = size;
  shape[axis + 1] = table.taps;
  graph::HostTensor weights(x.dtype(), shape);
  weights.floats.assign(table.weights.begin(), table.weights.end());
  weights.round();
  Value positions = n.reshape(n.list(table.positions), {size, table.taps});
  Value seen = n.op("gather", {x, positions}, {{"axis", axis}});
  return n.op("sum", n.mul(seen, n.constant(std::move(weights))), {{"axis", Ints{axis + 1}}});
}

Value insideMask(NodeBuilder &n, int64_t rank, int64_t axis, const Table &table) {
  Ints shape(rank, 1);
  shape[axis] = static_cast<int64_t>(table.inside.size());
  graph::HostTensor mask(Dtype::Bool, shape);
  mask.integers.assign(table.inside.begin(), table.inside.end());
  return n.constant(std::move(mask));
}

} // namespace

Value resample(NodeBuilder &n, Value x, llvm::ArrayRef<ResampledAxis> axes, const Resampling &how) {
  bool isNearest = how.mode == "nearest";
  Dtype dtype = x.dtype();
  if (!isNearest && how.mode != "linear" && how.mode != "cubic")
    return n.error("G0202", "attribute 'mode' must be 'nearest', 'linear' or 'cubic'");
  if (isNearest && how.antialias) return n.error("G0202", "attribute 'antialias' needs 'mode' 'linear' or 'cubic'");
  if (!isNearest && !x.isFloat()) return n.unsupported("interpolation of " + graph::dtypeName(dtype));
  bool isKnown = llvm::is_contained({"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}, how.nearest);
  if (isNearest && !isKnown) return n.error("G0202", "attribute 'nearest_mode' is no word that ONNX knows");
  bool narrow = !isNearest && graph::dtypeBytes(dtype) < 4; // rounded once, at the end
  if (narrow) x = n.cast(x, Dtype::F32);
  Values masks;
  for (const ResampledAxis &to : axes) {
    std::optional<Table> table = makeTable(n, to, x.dim(to.axis), how);
    if (!table) return {};
    x = alongAxis(n, x, to.axis, *table);
    if (llvm::is_contained(table->inside, false)) masks.push_back(insideMask(n, x.rank(), to.axis, *table));
  }
  for (const Value &mask : masks) x = n.select(mask, x, n.like(x, how.extrapolation));
  return narrow ? n.cast(x, dtype) : x;
}

} // namespace graphc::onnx
