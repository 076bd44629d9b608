// slice, flip, tile: y visits x at regular steps, which stridedCopy makes dense.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/row_major.h"
#include "dialects/graph/strided_copy.h"

using namespace mlir;
using namespace graphc::graph;

static constexpr int64_t longestStep = int64_t(1) << 47; // no axis is longer

/// What a slice takes along one axis.
struct AxisSlice {
  Dim start, count;
  int64_t step = 1;
};

/// `at`, moved into low..high; nullopt if that depends on the values of dims in a way no Dim can say.
static std::optional<Dim> moved(const Dim &at, const Dim &low, const Dim &high) {
  if ((high - at).high() <= 0) return high;
  if ((at - low).high() <= 0) return low;
  if ((at - low).low() >= 0 && (high - at).low() >= 0) return at;
  return std::nullopt;
}

/// NumPy's rule for one axis of size `size`.
static std::optional<AxisSlice> sliceOf(const Dim &size, int64_t start, std::optional<int64_t> stop, int64_t step) {
  step = std::clamp(step, -longestStep, longestStep);
  bool down = step < 0;
  Dim low = down ? Dim(-1) : Dim(0), high = down ? size - Dim(1) : size;
  auto position = [&](int64_t p) { return moved(p < 0 ? size + Dim(p) : Dim(p), low, high); };
  std::optional<Dim> from = position(start), to = stop ? position(*stop) : down ? low : high;
  if (!from || !to) return std::nullopt;
  Dim distance = down ? *from - *to : *to - *from;
  if (distance.high() <= 0) return AxisSlice{*from, Dim(0), step};
  if (distance.low() < 0) return std::nullopt;
  return AxisSlice{*from, distance.ceilDiv(down ? -step : step), step};
}

/// A list that was checked to have one entry or one per axis.
static int64_t entry(ArrayRef<int64_t> list, size_t i) { return list[list.size() == 1 ? 0 : i]; }

using AxisSlices = SmallVector<AxisSlice>; // one per axis of x

/// The attributes of a slice.
struct SliceAttributes {
  ArrayRef<int64_t> start;
  std::optional<ArrayRef<int64_t>> stop, step, axis;
};

static FailureOr<AxisSlices> slicesOf(std::optional<Location> location, ArrayRef<Dim> shape,
                                      const SliceAttributes &given) {
  AxisSlices slices;
  for (const Dim &size : shape) slices.push_back({Dim(0), size, 1});
  SmallVector<int64_t> axes;
  if (given.axis) {
    auto checked = checkedAxes(location, *given.axis, shape.size(), "axis", "x", /*sort=*/false); // (C1), (C2)
    if (failed(checked)) return failure();
    axes = *checked;
  } else {
    if (given.start.size() > shape.size()) // (C3)
      return shapeError(location, "G2002", {About::theAttribute("start"), About::theOperand(0)},
                        "'start' has " + Twine(given.start.size()) + " entries, 'x' has " + Twine(shape.size()) +
                            " axes");
    axes.append(llvm::seq<int64_t>(0, given.start.size()).begin(), llvm::seq<int64_t>(0, given.start.size()).end());
  }
  std::pair<StringRef, std::optional<ArrayRef<int64_t>>> lists[] = {
      {"start", given.start}, {"stop", given.stop}, {"step", given.step}};
  for (auto &[name, list] : lists)
    if (list && list->size() != axes.size() && list->size() != 1) // (C3)
      return shapeError(location, "G2002", About::theAttribute(name),
                        "'" + name + "' has " + Twine(list->size()) + " entries, " + Twine(axes.size()) +
                            (axes.size() == 1 ? " axis is" : " axes are") + " cut");
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t step = given.step ? entry(*given.step, i) : 1;
    if (step == 0) // (C4)
      return shapeError(location, "G2001", About::theAttribute("step"), "a step is 0, it can be positive or negative");
    auto one = sliceOf(shape[axis], entry(given.start, i),
                       given.stop ? std::optional<int64_t>(entry(*given.stop, i)) : std::nullopt, step);
    if (!one) // (C5)
      return shapeError(location, "G3017", {About::theAttribute("start"), About::theOperand(0)},
                        "how much of axis " + Twine(axis) + " this takes changes with its size " + shape[axis].text() +
                            ", which is between " + Twine(shape[axis].low()) + " and " + Twine(shape[axis].high()) +
                            ": the positions must lie inside for every size");
    slices[axis] = *one;
  }
  return slices;
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "slice", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  auto slices =
      slicesOf(location, shapeOf(*x), {adaptor.getStart(), adaptor.getStop(), adaptor.getStep(), adaptor.getAxis()});
  if (failed(slices)) return failure();
  Shape shape;
  for (const AxisSlice &slice : *slices) shape.push_back(slice.count);
  return addResultType(location, shape, x->getElementType(), About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> SliceOp::lower(Lowering &l) {
  Shape from = l.operandShape(0);
  auto slices = slicesOf(std::nullopt, from, {getStart(), getStop(), getStep(), getAxis()});
  if (failed(slices)) return failure();
  SmallVector<StridedAxis> axes = denseAxes(from);
  Dim offset(0);
  SmallVector<size_t> cut; // axes of which not all is taken as it is
  for (auto [i, axis, slice, size] : llvm::enumerate(axes, *slices, from)) {
    offset = offset + slice.start * axis.stride;
    axis = {slice.count, axis.stride * Dim(slice.step)};
    if (slice.count != size || slice.step != 1) cut.push_back(i);
  }
  if (cut.empty()) return SmallVector<Value>{l.in[0]};
  if (cut.size() == 1 && (*slices)[cut[0]].step == 1)
    return SmallVector<Value>{takePart(l, l.in[0], from, cut[0], (*slices)[cut[0]].start, l.resultShape())};
  return SmallVector<Value>{stridedCopy(l, l.in[0], offset, axes, l.resultShape())};
}

LogicalResult SliceOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  HostTensor &y = results[0];
  auto slices =
      slicesOf(std::nullopt, Shape(x.shape.begin(), x.shape.end()), {getStart(), getStop(), getStep(), getAxis()});
  if (failed(slices)) return failure();
  SmallVector<int64_t> at(x.shape.size());
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    for (size_t k = 0; k < at.size(); ++k) at[k] = (*slices)[k].start.low() + index[k] * (*slices)[k].step;
    setElement(y, flatIndex(index, y.shape), elementAt(x, flatIndex(at, x.shape)));
  });
  return success();
}

Dim SliceOp::flops() { return 0; }

Value SliceOp::transpose(RuleBuilder &b, unsigned, ValueRange cts) {
  Shape shape = shapeOf(getX());
  AxisSlices slices = *slicesOf(std::nullopt, shape, {getStart(), getStop(), getStep(), getAxis()});
  Value ct = cts[0];
  SmallVector<int64_t> pairs(2 * shape.size(), 0);
  for (auto [axis, slice] : llvm::enumerate(slices)) {
    Dim behind = shape[axis] - slice.start - slice.count;
    if (slice.step == 1 && slice.start.isStatic() && behind.isStatic()) {
      pairs[2 * axis] = slice.start.staticValue();
      pairs[2 * axis + 1] = behind.staticValue();
      continue;
    }
    Type element = b.indexType(shape[axis]);
    Value index = b.add(b.mul(b.positions(slice.count, element), double(slice.step)), b.size(slice.start, element));
    ct = b.addedAt(ct, axis, index, shape[axis]);
  }
  return b.pad(ct, pairs);
}

LogicalResult FlipOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "flip", adaptor.getOperands(), 0, allDtypes);
  if (failed(x) || failed(checkedAxes(location, adaptor.getAxis(), x->getRank(), "axis", "x", false)))
    return failure(); // (C1), (C2)
  types.push_back(*x);
  return success();
}

FailureOr<SmallVector<Value>> FlipOp::lower(Lowering &l) {
  Shape shape = l.resultShape();
  SmallVector<StridedAxis> axes = denseAxes(shape);
  Dim offset(0);
  for (int64_t axis : getAxis()) {
    StridedAxis &one = axes[axisFromFront(axis, shape.size())];
    offset = offset + (one.count - Dim(1)) * one.stride;
    one.stride = one.stride * Dim(-1);
  }
  return SmallVector<Value>{stridedCopy(l, l.in[0], offset, axes, shape)};
}

LogicalResult FlipOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  forEachIndex(x.shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> at(index);
    for (int64_t axis : getAxis()) {
      int64_t k = axisFromFront(axis, at.size());
      at[k] = x.shape[k] - 1 - at[k];
    }
    setElement(results[0], flatIndex(index, x.shape), elementAt(x, flatIndex(at, x.shape)));
  });
  return success();
}

Dim FlipOp::flops() { return 0; }
Value FlipOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) { return createLike(b, *this, ct)->getResult(0); }

LogicalResult TileOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "tile", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  Shape shape = shapeOf(*x);
  ArrayRef<int64_t> repeats = adaptor.getRepeats();
  About attribute = About::theAttribute("repeats");
  if (repeats.size() != shape.size() && repeats.size() != 1) // (C1)
    return shapeError(location, "G2002", {attribute, About::theOperand(0)},
                      "'repeats' has " + Twine(repeats.size()) + " entries, 'x' has " + Twine(shape.size()) + " axes");
  for (auto [axis, size] : llvm::enumerate(shape)) {
    int64_t times = entry(repeats, axis);
    if (times < 0 || times > (int64_t(1) << 40)) // (C2)
      return shapeError(location, "G2001", attribute,
                        "an entry of 'repeats' is " + Twine(times) + ", it can be 0 to 2^40");
    size = size * Dim(times);
  }
  return addResultType(location, shape, x->getElementType(), {attribute, About::theOperand(0)}, types); // (C3)
}

FailureOr<SmallVector<Value>> TileOp::lower(Lowering &l) {
  SmallVector<StridedAxis> axes;
  for (auto [k, axis] : llvm::enumerate(denseAxes(l.operandShape(0)))) {
    axes.push_back({Dim(entry(getRepeats(), k)), Dim(0)});
    axes.push_back(axis);
  }
  if (axes.empty()) return SmallVector<Value>{l.in[0]};
  return SmallVector<Value>{stridedCopy(l, l.in[0], Dim(0), axes, l.resultShape())};
}

LogicalResult TileOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  HostTensor &y = results[0];
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> at(index);
    for (auto [i, size] : llvm::zip_equal(at, x.shape)) i %= size;
    setElement(y, flatIndex(index, y.shape), elementAt(x, flatIndex(at, x.shape)));
  });
  return success();
}

Dim TileOp::flops() { return 0; }
Value TileOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  Shape shape = shapeOf(getX());
  Value sum = ct[0];
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    int64_t repeats = entry(getRepeats(), axis);
    if (repeats == 1) continue;
    Shape now = shapeOf(sum), cut{elementCount(ArrayRef(now).take_front(axis)), Dim(repeats), shape[axis],
                                  elementCount(ArrayRef(now).drop_front(axis + 1))};
    now[axis] = shape[axis];
    sum = b.reshape(b.sum(b.reshape(sum, cut), 1), now);
  }
  return sum;
}
