// Resize and its older forms: factors or sizes per axis, known at import.
#include "compiler/onnx/op_table.h"
#include "compiler/onnx/resample.h"
#include <cmath>

namespace graphc::onnx {
namespace {

struct Target { // for each axis; where both are given the sizes count, and the scales say where coordinates lie
  Ints sizes;
  Floats scales;
};

/// Only the axes that change go to the op.
Value resized(NodeBuilder &n, Value x, const Ints &axes, const Target &target, Arguments arguments) {
  Ints chosen, sizes;
  Floats scales;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    bool bySize = !target.sizes.empty();
    if (bySize ? target.sizes[i] == x.dim(axis) : target.scales.list[i] == 1) continue;
    chosen.push_back(axis);
    if (bySize) sizes.push_back(target.sizes[i]);
    if (!bySize) scales.list.push_back(target.scales.list[i]);
  }
  if (chosen.empty()) return x;
  arguments.push_back({"axis", chosen});
  if (!sizes.empty())
    arguments.push_back({"size", sizes});
  else
    arguments.push_back({"scale", scales});
  return n.op("resize", x, arguments);
}

std::optional<Floats> knownReals(NodeBuilder &n, Value value, llvm::StringRef what) {
  if (!value.constant() || value.rank() != 1 || value.dim(0) > 32) {
    n.error("G0205", "its " + what + " must be a list that follows from the file alone");
    return std::nullopt;
  }
  Floats reals;
  for (int64_t i = 0; i < value.dim(0); ++i) reals.list.push_back(value.constant()->real(i));
  return reals;
}

bool checkTarget(NodeBuilder &n, const Target &target, const Ints &axes) {
  bool good = (target.sizes.empty() ? target.scales.list.size() : target.sizes.size()) == axes.size();
  for (int64_t size : target.sizes) good &= size >= 0 && size < (int64_t(1) << 31);
  for (double scale : target.scales.list) good &= scale > 0 && scale < 1e9;
  if (!good) n.error("G0202", "its sizes or scales do not fit its axes, or are out of range");
  return good;
}

/// Sizes that keep the proportions: the smallest or largest factor for all.
void keepProportions(llvm::StringRef policy, const Value &x, const Ints &axes, Target &target) {
  double factor = 0;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    double one = static_cast<double>(target.sizes[i]) / static_cast<double>(std::max<int64_t>(1, x.dim(axis)));
    bool better = policy == "not_larger" ? one < factor : one > factor;
    if (i == 0 || better) factor = one;
  }
  target.scales.list.assign(axes.size(), factor);
  for (auto [i, axis] : llvm::enumerate(axes))
    target.sizes[i] = static_cast<int64_t>(std::floor(factor * static_cast<double>(x.dim(axis)) + 0.5));
}

/// The bounds of what tf_crop_and_resize sees: all starts, then all ends, as parts of the axes.
std::optional<Floats> readRegion(NodeBuilder &n, size_t axes) {
  if (n.opset < 11) {
    n.unsupported("attribute 'coordinate_transformation_mode' = 'tf_crop_and_resize' before opset 11");
    return std::nullopt;
  }
  Value given = n.in(1);
  if (n.failed()) return std::nullopt;
  std::optional<Floats> region = knownReals(n, given, "roi");
  if (region && region->list.size() == 2 * axes) return region;
  if (region) n.error("G0202", "its roi must have two numbers for every axis");
  return std::nullopt;
}

/// What the op cannot: axes that change, or of which a region is seen, by tables.
void mapResample(NodeBuilder &n, Value x, const Ints &axes, const Target &target, const Resampling &how) {
  Floats region;
  if (how.coordinates == "tf_crop_and_resize") {
    std::optional<Floats> given = readRegion(n, axes.size());
    if (!given) return;
    region = *given;
  }
  llvm::SmallVector<ResampledAxis> changed;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    auto old = static_cast<double>(x.dim(axis));
    ResampledAxis to = {axis, 0, 1};
    if (!target.sizes.empty()) to.size = target.sizes[i];
    to.scale = target.scales.list.empty() ? static_cast<double>(to.size) / old : target.scales.list[i];
    if (target.sizes.empty()) to.size = static_cast<int64_t>(std::min(to.scale * old, 0x1p40));
    if (!region.list.empty()) {
      to.regionStart = region.list[i];
      to.regionEnd = region.list[axes.size() + i];
    }
    bool isWhole = to.regionStart == 0 && to.regionEnd == 1;
    if (to.size != x.dim(axis) || to.scale != 1 || !isWhole) changed.push_back(to);
  }
  n.result(0, resample(n, x, changed, how));
}

void mapResize(NodeBuilder &n) {
  Value x = n.in(0);
  bool old = n.opset < 11;
  Ints axes = n.integers("axes");
  if (!n.hasAttribute("axes"))
    for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  for (int64_t &axis : axes) axis = n.axis(axis, x.rank());
  Resampling how;
  how.mode = n.text("mode", "nearest");
  how.coordinates = n.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  how.nearest = n.text("nearest_mode", old ? "floor" : "round_prefer_floor");
  how.cubicCoefficient = n.real("cubic_coeff_a", -0.75);
  how.excludeOutside = n.integer("exclude_outside", 0) != 0;
  how.antialias = n.integer("antialias", 0) != 0;
  how.extrapolation = n.real("extrapolation_value", 0);
  Target target;
  size_t scalesInput = old ? 1 : 2;
  Value scales = n.optional(scalesInput), sizes = n.optional(3);
  if (n.failed()) return;
  if (sizes) {
    std::optional<Ints> known = n.knownIntegers(sizes, "sizes");
    if (!known) return;
    target.sizes = *known;
  } else {
    std::optional<Floats> known = knownReals(n, scales, "scales");
    if (!known) return;
    target.scales = *known;
  }
  if (!checkTarget(n, target, axes)) return;
  std::string policy = n.text("keep_aspect_ratio_policy", "stretch");
  if (sizes && policy != "stretch") keepProportions(policy, x, axes, target);
  if (how.antialias || how.coordinates == "tf_crop_and_resize") return mapResample(n, x, axes, target, how);
  Arguments arguments = {{"mode", how.mode},
                         {"coordinates", how.coordinates},
                         {"nearest", how.nearest},
                         {"cubic_coeff", how.cubicCoefficient},
                         {"exclude_outside", how.excludeOutside}};
  n.result(0, resized(n, x, axes, target, arguments));
}

void mapUpsample(NodeBuilder &n) {
  Value x = n.in(0);
  Target target;
  if (n.hasAttribute("scales")) {
    target.scales = n.reals("scales");
  } else {
    Value given = n.in(1);
    if (n.failed()) return;
    std::optional<Floats> known = knownReals(n, given, "scales");
    if (!known) return;
    target.scales = *known;
  }
  Ints axes;
  for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  if (!checkTarget(n, target, axes)) return;
  Arguments arguments = {{"mode", n.text("mode", "nearest")},
                         {"coordinates", std::string("asymmetric")},
                         {"nearest", std::string("floor")}};
  n.result(0, resized(n, x, axes, target, arguments));
}

constexpr OpRow rows[] = {{"Resize", mapResize}, {"Upsample", mapUpsample}};
} // namespace

llvm::ArrayRef<OpRow> resizeRows() { return rows; }

} // namespace graphc::onnx
