// Resize and its older forms: factors or sizes per axis, known at import.
#include "compiler/onnx/op_table.h"
#include <cmath>

namespace graphc::onnx {
namespace {

struct Target { // one of the two, for each axis of the input
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

std::optional<Floats> knownReals(NodeBuilder &n, Value value) {
  if (!value.constant() || value.rank() != 1 || value.dim(0) > 16) {
    n.error("G0205", "its scales must be a list that follows from the file alone");
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
void keepProportions(llvm::StringRef policy, const Value &x, const Ints &axes, Ints &sizes) {
  double factor = 0;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    double one = static_cast<double>(sizes[i]) / static_cast<double>(std::max<int64_t>(1, x.dim(axis)));
    bool better = policy == "not_larger" ? one < factor : one > factor;
    if (i == 0 || better) factor = one;
  }
  for (auto [i, axis] : llvm::enumerate(axes))
    sizes[i] = static_cast<int64_t>(std::floor(factor * static_cast<double>(x.dim(axis)) + 0.5));
}

void mapResize(NodeBuilder &n) {
  Value x = n.in(0);
  bool old = n.opset < 11;
  Ints axes = n.integers("axes");
  if (!n.hasAttribute("axes"))
    for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  for (int64_t &axis : axes) axis = n.axis(axis, x.rank());
  if (n.integer("antialias", 0)) n.unsupported("attribute 'antialias'");
  std::string coordinates = n.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  if (coordinates == "tf_crop_and_resize")
    n.unsupported("attribute 'coordinate_transformation_mode' = 'tf_crop_and_resize'");
  Target target;
  size_t scalesInput = old ? 1 : 2;
  Value scales = n.optional(scalesInput), sizes = n.optional(3);
  if (n.failed()) return;
  if (sizes) {
    std::optional<Ints> known = n.knownIntegers(sizes, "sizes");
    if (!known) return;
    target.sizes = *known;
  } else {
    std::optional<Floats> known = knownReals(n, scales);
    if (!known) return;
    target.scales = *known;
  }
  if (!checkTarget(n, target, axes)) return;
  std::string policy = n.text("keep_aspect_ratio_policy", "stretch");
  if (sizes && policy != "stretch") keepProportions(policy, x, axes, target.sizes);
  Arguments arguments = {{"mode", n.text("mode", "nearest")},
                         {"coordinates", coordinates},
                         {"nearest", n.text("nearest_mode", old ? "floor" : "round_prefer_floor")},
                         {"cubic_coeff", n.real("cubic_coeff_a", -0.75)},
                         {"exclude_outside", n.integer("exclude_outside", 0) != 0}};
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
    std::optional<Floats> known = knownReals(n, given);
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
