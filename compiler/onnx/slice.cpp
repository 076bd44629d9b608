// Operators that cut, pad or split a tensor at positions known at import.
#include "compiler/onnx/op_table.h"
#include "llvm/ADT/StringSwitch.h"
#include <limits>

namespace graphc::onnx {
namespace {

/// One axis of Slice: bounds are cut to the axis; a negative step walks down and stops before `stop`.
Value sliceAxis(NodeBuilder &n, Value x, int64_t axis, int64_t start, int64_t stop, int64_t step) {
  int64_t size = x.dim(axis);
  bool down = step < 0;
  auto clamp = [&](int64_t at) {
    if (at < 0) at = at < -size ? -1 : at + size;
    return down ? std::min(at, size - 1) : std::max<int64_t>(0, std::min(at, size));
  };
  start = clamp(start);
  if (!down && start < 0) start = 0;
  bool beforeFirst = down && stop < -size; // one before the first element, which a stop cannot name
  stop = clamp(stop);
  if (!down) return n.slice(x, axis, start, std::max(start, stop), step);
  if (beforeFirst) stop = -1;
  // Down to above `stop`: flip, then walk up.
  if (start <= stop || start < 0) return n.slice(x, axis, 0, 0);
  if (step == std::numeric_limits<int64_t>::min()) step = -size - 1;
  Value flipped = n.op("flip", x, {{"axis", Ints{axis}}});
  return n.slice(flipped, axis, size - 1 - start, size - 1 - stop, -step);
}

void mapSlice(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> starts = n.integersOf("starts", 1), ends = n.integersOf("ends", 2),
                      axes = n.integersOf("axes", 3), steps = n.opset >= 10 ? n.integersOf("steps", 4) : std::nullopt;
  if (n.failed()) return;
  size_t count = starts ? starts->size() : 0;
  if (!starts || !ends || ends->size() != count || (axes && axes->size() != count) ||
      (steps && steps->size() != count)) {
    n.error("G0202", "its starts, ends, axes and steps must be lists of one length");
    return;
  }
  for (size_t i = 0; i < count && !n.failed(); ++i) {
    int64_t axis = n.axis(axes ? (*axes)[i] : static_cast<int64_t>(i), x.rank()), step = steps ? (*steps)[i] : 1;
    if (step == 0) n.error("G0202", "a step is 0");
    if (!n.failed()) x = sliceAxis(n, x, axis, (*starts)[i], (*ends)[i], step);
  }
  n.result(0, x);
}

void mapSplit(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> sizes = n.integersOf("split", 1);
  int64_t axis = n.axis(n.integer("axis", 0), x.rank());
  if (n.failed()) return;
  int64_t parts = n.node.output_size(), size = x.dim(axis);
  if (!sizes) {
    int64_t wanted = n.integer("num_outputs", parts), each = parts ? (size + parts - 1) / parts : 0;
    if (wanted != parts || parts == 0) {
      n.error("G0202", "'num_outputs' differs from the number of its outputs");
      return;
    }
    sizes.emplace();
    for (int64_t i = 0; i < parts; ++i) sizes->push_back(std::max<int64_t>(0, std::min(each, size - i * each)));
  }
  int64_t at = 0;
  bool fits = static_cast<int64_t>(sizes->size()) == parts;
  for (int64_t one : *sizes) fits = fits && one >= 0 && !__builtin_add_overflow(at, one, &at) && at <= size;
  if (!fits || at != size) {
    n.error("G0202", "the sizes of its parts do not add up to the size of axis " + llvm::Twine(axis));
    return;
  }
  at = 0;
  for (auto [i, one] : llvm::enumerate(*sizes)) {
    n.result(i, n.slice(x, axis, at, at + one));
    at += one;
  }
}

void mapPad(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> pads = n.integersOf("pads", 1);
  std::string mode = n.text("mode", "constant");
  llvm::StringRef word = llvm::StringSwitch<llvm::StringRef>(mode)
                             .Case("constant", "constant")
                             .Case("reflect", "reflect")
                             .Case("edge", "edge")
                             .Case("wrap", "wrap")
                             .Default("");
  if (word.empty()) n.unsupported("attribute 'mode' = '" + support::printable(mode) + "'");
  std::optional<Ints> written = n.has(3) ? n.knownIntegers(n.in(3), "axes") : std::nullopt;
  double fill = n.opset < 11 ? n.real("value", 0) : 0;
  Value given = word == "constant" ? n.optional(2) : Value();
  if (given && given.constant()) fill = n.knownReal(given, "constant_value").value_or(0);
  if (n.failed()) return;
  Ints axes;
  for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  if (written) {
    axes.clear();
    for (int64_t axis : *written) axes.push_back(n.axis(axis, x.rank()));
  }
  if (!pads || pads->size() != 2 * axes.size()) {
    n.error("G0202", "it needs two pads for every axis");
    return;
  }
  if (n.failed()) return;
  Pairs pairs;
  pairs.list.assign(x.rank(), {0, 0});
  Value cut = x;
  bool some = false;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t low = (*pads)[i], high = (*pads)[i + axes.size()], size = x.dim(axis);
    if (low < -size || high < -size || (low < 0 && high < 0 && low + high < -size)) {
      n.error("G0202", "a negative pad cuts more than axis " + llvm::Twine(axis) + " has");
      return;
    }
    if (low < 0 || high < 0) cut = n.slice(cut, axis, low < 0 ? -low : 0, high < 0 ? size + high : size);
    pairs.list[axis] = {std::max<int64_t>(low, 0), std::max<int64_t>(high, 0)};
    some |= low > 0 || high > 0;
  }
  if (!some) return n.result(0, cut);
  Value padded = n.op("pad", cut, {{"padding", pairs}, {"mode", word.str()}, {"value", fill}});
  if (!given || given.constant()) return n.result(0, padded);
  // A value that only a run knows: where x lies between the pads is known here.
  Value value = n.reshape(given, {});
  for (auto [i, pad] : llvm::enumerate(pairs.list)) {
    auto axis = static_cast<int64_t>(i);
    if (pad.first == 0 && pad.second == 0) continue;
    Value at = n.positions(padded, axis);
    Value behindLow = n.op("greater_equal", {at, n.list({pad.first})});
    Value beforeHigh = n.op("less", {at, n.list({pad.first + cut.dim(axis)})});
    padded = n.select(n.op("and", {behindLow, beforeHigh}), padded, value);
  }
  n.result(0, padded);
}

/// Cut or padded around the middle to the given sizes.
void mapCenterCropPad(NodeBuilder &n) {
  Value x = n.in(0);
  std::optional<Ints> target = n.knownIntegers(n.in(1), "shape");
  Ints axes = n.integers("axes");
  if (!target) return;
  if (!n.hasAttribute("axes"))
    for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  if (axes.size() != target->size()) {
    n.error("G0202", "its shape and axes must have one length");
    return;
  }
  Pairs pairs;
  pairs.list.assign(x.rank(), {0, 0});
  bool some = false;
  for (auto [i, written] : llvm::enumerate(axes)) {
    int64_t axis = n.axis(written, x.rank()), size = x.dim(axis), want = (*target)[i];
    if (n.failed()) return;
    if (want < 0 || want > (int64_t(1) << 40)) n.error("G0202", "its shape has a negative or too large size");
    if (want < size) x = n.slice(x, axis, (size - want) / 2, (size - want) / 2 + want);
    if (want > size) pairs.list[axis] = {(want - size) / 2, want - size - (want - size) / 2};
    some |= want > size;
  }
  if (some) x = n.op("pad", x, {{"padding", pairs}, {"value", 0.0}});
  n.result(0, x);
}

constexpr OpRow rows[] = {
    {"CenterCropPad", mapCenterCropPad}, {"Pad", mapPad}, {"Slice", mapSlice}, {"Split", mapSplit}};
} // namespace

llvm::ArrayRef<OpRow> sliceRows() { return rows; }

} // namespace graphc::onnx
