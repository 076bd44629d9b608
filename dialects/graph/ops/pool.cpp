// max_pool and avg_pool: windows folded channel by channel, with channels last in vectors over channels
// (folded_windows.h), else one by one (window_fold.h).
#include "dialects/graph/folded_windows.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/row_major.h"
#include "dialects/graph/window_derivative.h"
#include "dialects/graph/window_fold.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace graphc::graph;

namespace {
struct PoolGeometry {
  ImageLayout layout;
  SpatialWindow window;
};

/// For ops and their adaptors.
template <class Op>
FailureOr<PoolGeometry> geometry(std::optional<Location> location, llvm::StringRef mnemonic, Op op, ArrayRef<Dim> x) {
  auto layout = imageLayout(location, mnemonic, op.getLayout(), x.size());
  if (failed(layout)) return failure();
  WindowAttributes attributes{op.getStride() ? op.getStride() : OptionalInts(op.getKernel()), op.getDilation(),
                              op.getPadding()};
  auto window = spatialWindow(location, layout->spatial(x), op.getKernel(), attributes, op.getCeilMode());
  if (failed(window)) return failure();
  return PoolGeometry{*layout, *window};
}

template <class Adaptor>
LogicalResult inferPool(std::optional<Location> location, llvm::StringRef mnemonic, Adaptor adaptor,
                        ArrayRef<Dtype> dtypes, SmallVectorImpl<Type> &types) {
  auto x = operandType(location, mnemonic, adaptor.getOperands(), 0, dtypes);
  if (failed(x)) return failure();
  Shape shape = shapeOf(*x);
  auto g = geometry(location, mnemonic, adaptor, shape);
  if (failed(g)) return failure();
  Shape out = g->layout.image(shape[0], g->window.out, shape[g->layout.channelAxis()]);
  return addResultType(location, out, x->getElementType(), About::theOperand(0), types);
}

template <class Op> Dim countFlops(Op op, llvm::StringRef mnemonic) {
  auto g = geometry(std::nullopt, mnemonic, op, shapeOf(cast<RankedTensorType>(op.getX().getType())));
  if (failed(g)) return 0;
  Dim count = elementCount(shapeOf(cast<RankedTensorType>(op.getY().getType())));
  return count * elementCount(g->window.kernelShape());
}

/// Calls `window` for each result element with what it sees and how many positions of the padded image it covers.
template <class Op>
LogicalResult evaluatePool(Op op, llvm::StringRef mnemonic, const HostTensor &x, HostTensor &y,
                           llvm::function_ref<Number(ArrayRef<Number>, int64_t)> window) {
  auto g = geometry(std::nullopt, mnemonic, op, Shape(x.shape.begin(), x.shape.end()));
  if (failed(g)) return failure();
  const SpatialWindow &w = g->window;
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    SmallVector<Number> seen;
    int64_t positions = 0;
    forEachIndex(w.kernel, [&](ArrayRef<int64_t> tap) {
      SmallVector<int64_t> from(index);
      bool inside = true, padded = true;
      for (unsigned i = 0; i < w.kernel.size(); ++i) {
        int64_t &position = from[g->layout.spatialAxis(i)], size = w.in[i].staticValue();
        position = position * w.stride[i] + tap[i] * w.dilation[i] - w.low[i];
        inside &= position >= 0 && position < size;
        padded &= position < size + w.high[i];
      }
      positions += padded;
      if (inside) seen.push_back(elementAt(x, flatIndex(from, x.shape)));
    });
    setElement(y, flatIndex(index, y.shape), window(seen, positions));
  });
  return success();
}

TypedAttr leastValue(Builder &b, Type type, Dtype dtype) {
  if (isFloat(dtype)) return b.getFloatAttr(type, -INFINITY);
  return b.getIntegerAttr(type, limitOf(dtype, /*largest=*/false).integer);
}

/// The larger; the first NaN stays.
Value larger(ImplicitLocOpBuilder &b, Value best, Value x, Dtype dtype) {
  Value take;
  if (isFloat(dtype)) {
    Value above = b.create<arith::CmpFOp>(arith::CmpFPredicate::UGT, x, best);
    take = b.create<arith::AndIOp>(above, b.create<arith::CmpFOp>(arith::CmpFPredicate::ORD, best, best));
  } else {
    auto predicate = dtype >= Dtype::U8 ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::sgt;
    take = b.create<arith::CmpIOp>(predicate, x, best);
  }
  return b.create<arith::SelectOp>(take, x, best);
}

/// How many elements the windows at each output see along one axis; one number where that is the same for all. Empty
/// if it depends on the call, or is too much to keep.
SmallVector<int64_t> seenAlong(const SpatialWindow &w, unsigned i, bool countPadding, bool ceilMode) {
  constexpr int64_t mostOutputs = 4096;
  int64_t limit = countPadding ? w.high[i] : 0; // positions behind the image that count
  Dim behind = (w.out[i] - Dim(1)) * Dim(w.stride[i]) + Dim(w.extent(i) - w.low[i]) - w.in[i];
  bool all = behind.isStatic() ? behind.staticValue() <= limit
                               : (!ceilMode || w.stride[i] == 1) && (!w.high[i] || countPadding);
  if (all && (!w.low[i] || countPadding)) return {w.kernel[i]};
  if (!w.in[i].isStatic() || w.out[i].staticValue() > mostOutputs) return {};
  SmallVector<int64_t> seen;
  for (int64_t at = 0; at < w.out[i].staticValue(); ++at) {
    int64_t &count = seen.emplace_back(0);
    for (int64_t tap = 0; tap < w.kernel[i]; ++tap) {
      int64_t position = at * w.stride[i] + tap * w.dilation[i] - w.low[i];
      count += (countPadding || position >= 0) && position < w.in[i].staticValue() + limit;
    }
  }
  return seen;
}

/// The numbers that the sums are divided by: [1, out..., 1], an axis of one number being 1 long. Null if they depend on
/// the call.
Value counts(Lowering &l, const SpatialWindow &w, bool countPadding, bool ceilMode, Type type, Shape &shape) {
  constexpr size_t mostCounts = 65536;
  SmallVector<int64_t> products{1};
  shape = {Dim(1)};
  for (unsigned i = 0; i < w.kernel.size(); ++i) {
    SmallVector<int64_t> seen = seenAlong(w, i, countPadding, ceilMode), next;
    if (seen.empty() || products.size() * seen.size() > mostCounts) return nullptr;
    for (int64_t product : products)
      for (int64_t count : seen) next.push_back(product * count);
    products = next;
    shape.push_back(Dim(int64_t(seen.size())));
  }
  shape.push_back(Dim(1));
  SmallVector<Attribute> numbers;
  for (int64_t count : products) numbers.push_back(l.getFloatAttr(type, double(std::max<int64_t>(count, 1))));
  return l.create<arith::ConstantOp>(DenseElementsAttr::get(l.plainType(shape, type), numbers));
}

WindowsToFold windowsOf(Lowering &l, const PoolGeometry &g, TypedAttr padding, TypedAttr init) {
  Shape x = l.operandShape(0);
  return {l.in[0], x[0], x[g.layout.channelAxis()], g.window, nullptr, padding, init};
}
} // namespace

LogicalResult MaxPoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferPool(location, "max_pool", adaptor, numberDtypes, types);
}

FailureOr<SmallVector<Value>> MaxPoolOp::lower(Lowering &l) {
  PoolGeometry g = *geometry(std::nullopt, "max_pool", *this, l.operandShape(0));
  Dtype dtype = l.resultDtype();
  Type type = l.computeType(dtype);
  if (!g.layout.channelsFirst && canFold(g.window)) {
    TypedAttr outside = leastValue(l, l.plainElement(dtype), dtype), least = leastValue(l, type, dtype);
    Value best = foldedWindows(l, windowsOf(l, g, outside, least), [&](ImplicitLocOpBuilder &b, ValueRange in) {
      return larger(b, in[0], Lowering::toCompute(b, in[1], dtype), dtype);
    });
    return SmallVector<Value>{l.tensorToStored(best, l.resultShape(), dtype)};
  }
  WindowFold fold;
  auto init = [&](LoopWriter &w) -> Value { return w.create<arith::ConstantOp>(leastValue(w, type, dtype)); };
  auto step = [&](LoopWriter &w, Value best, Value x, Value) { return larger(w, best, x, dtype); };
  fold.init = init;
  fold.step = step;
  return SmallVector<Value>{foldWindows(l, g.layout, g.window, fold)};
}

LogicalResult MaxPoolOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  Dtype dtype = results[0].dtype;
  return evaluatePool(*this, "max_pool", operands[0], results[0], [&](ArrayRef<Number> seen, int64_t) {
    Number best = limitOf(dtype, /*largest=*/false);
    best.dtype = dtype;
    for (const Number &x : seen)
      if (lessThan(best, x) || (x.isReal() && std::isnan(x.real.v) && !std::isnan(best.real.v))) best = x;
    return best;
  });
}

Dim MaxPoolOp::flops() { return countFlops(*this, "max_pool"); }

/// Where the largest elements lie: positions among the joined spatial axes of the padded image, the first of equals.
struct Winners {
  Value index; // like y, but with one spatial axis
  SmallVector<int64_t> padding;
  Shape padded, joined; // the image's shape then, and with one spatial axis
  int64_t axis;         // that one
};
static Shape joinSpatial(const ImageLayout &layout, ArrayRef<Dim> image) {
  Dim pixels = elementCount(layout.spatial(image));
  return ImageLayout{layout.channelsFirst, 1}.image(image[0], pixels, image[layout.channelAxis()]);
}
static Winners winnersOf(RuleBuilder &b, MaxPoolOp op) {
  Shape shape = shapeOf(op.getX());
  PoolGeometry g = *geometry(std::nullopt, "max_pool", op, shape);
  const SpatialWindow &w = g.window;
  Winners winners;
  winners.axis = g.layout.channelsFirst ? 2 : 1;
  SmallVector<int64_t> more; // so that the last window of ceil_mode fits
  for (int64_t stride : w.stride) more.push_back(op.getCeilMode() ? stride - 1 : 0);
  winners.padding = imagePadding(w, g.layout, shape.size(), more);
  Value padded = b.pad(op.getX(), winners.padding, -INFINITY);
  winners.padded = shapeOf(padded);
  winners.joined = joinSpatial(g.layout, winners.padded);
  SmallVector<Value> taps;
  forEachTap(w, [&](ArrayRef<int64_t> tap) { taps.push_back(seenBy(b, padded, tap, w, g.layout)); });
  Type position = b.indexType(winners.joined[winners.axis]);
  Value tap = b.op<ArgmaxOp>(b.stack(taps), {b.integer("axis", 0), b.getNamedAttr("dtype", TypeAttr::get(position))});
  Shape out = shapeOf(tap);
  Dim step = 1; // between neighbours along the axis, in the joined ones
  double inner = 1;
  for (unsigned i = w.kernel.size(); i-- > 0;) {
    Value along = b.create<ModOp>(b.create<FloorDivOp>(tap, b.number(tap, inner)), b.number(tap, double(w.kernel[i])));
    Shape line(out.size(), Dim(1));
    line[g.layout.spatialAxis(i)] = out[g.layout.spatialAxis(i)];
    Value start = b.mul(b.positions(line, position, g.layout.spatialAxis(i)), double(w.stride[i]));
    Value place = b.mul(b.add(b.mul(along, double(w.dilation[i])), start), b.size(step, position));
    winners.index = winners.index ? b.add(winners.index, place) : place;
    step = step * winners.padded[g.layout.spatialAxis(i)];
    inner *= double(w.kernel[i]);
  }
  winners.index = b.reshape(winners.index, joinSpatial(g.layout, out));
  return winners;
}
void MaxPoolOp::jvp(RuleBuilder &b, JvpState &state) {
  Winners w = winnersOf(b, *this);
  Value image = b.reshape(b.pad(state.in(0), w.padding), w.joined);
  state.set(0, b.reshape(b.create<GatherElementsOp>(image, w.index, w.axis), shapeOf(getY())));
}
/// Windows that lie side by side and cover the image: each position of the kernel gets ct where it holds the first of
/// the largest elements, and the positions are put together by a transpose. No scatter; null for other windows.
static Value spreadSideBySide(RuleBuilder &b, MaxPoolOp op, Value ct) {
  Shape shape = shapeOf(op.getX()), out = shapeOf(ct);
  PoolGeometry g = *geometry(std::nullopt, "max_pool", op, shape);
  const SpatialWindow &w = g.window;
  unsigned spatial = w.kernel.size();
  for (unsigned i = 0; i < spatial; ++i)
    if (w.stride[i] != w.kernel[i] || (w.dilation[i] != 1 && w.kernel[i] != 1) || w.low[i] != 0 ||
        w.in[i] != w.out[i] * Dim(w.stride[i]))
      return {};
  SmallVector<Value> parts;
  Value found;
  forEachTap(w, [&](ArrayRef<int64_t> tap) {
    Value isLargest = b.equal(seenBy(b, op.getX(), tap, w, g.layout), op.getY());
    parts.push_back(b.only(isLargest, found ? b.without(found, ct) : ct));
    found = found ? b.create<OrOp>(found, isLargest).getResult() : isLargest;
  });
  Shape apart = w.kernelShape();
  apart.append(out.begin(), out.end());
  Permutation perm; // each kernel axis behind its spatial axis
  for (unsigned axis = 0; axis < out.size(); ++axis) {
    perm.push_back(int64_t(spatial + axis));
    if (axis >= g.layout.spatialAxis(0) && axis < g.layout.spatialAxis(0) + spatial)
      perm.push_back(int64_t(axis - g.layout.spatialAxis(0)));
  }
  return b.reshape(b.permute(b.reshape(b.stack(parts), apart), perm), shape);
}
void MaxPoolOp::vjp(RuleBuilder &b, VjpState &state) {
  if (Value image = spreadSideBySide(b, *this, state.ct())) {
    state.sums[0] = image;
    return;
  }
  Winners w = winnersOf(b, *this);
  Value ct = b.reshape(state.ct(), shapeOf(w.index));
  Value image = b.create<ScatterElementsOp>(b.zeros(w.joined, ct), w.index, ct, w.axis, "add");
  SmallVector<int64_t> back;
  for (int64_t side : w.padding) back.push_back(-side);
  state.sums[0] = b.pad(b.reshape(image, w.padded), back);
}

LogicalResult AvgPoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferPool(location, "avg_pool", adaptor, floatDtypes, types);
}

FailureOr<SmallVector<Value>> AvgPoolOp::lower(Lowering &l) {
  PoolGeometry g = *geometry(std::nullopt, "avg_pool", *this, l.operandShape(0));
  Dtype dtype = l.resultDtype();
  Type type = l.computeType(dtype);
  Shape countShape;
  Value count;
  if (!g.layout.channelsFirst && canFold(g.window))
    count = counts(l, g.window, getCountPadding(), getCeilMode(), type, countShape);
  if (count) {
    TypedAttr zero = l.getZeroAttr(l.plainElement(dtype));
    Value sum = foldedWindows(l, windowsOf(l, g, zero, l.getZeroAttr(type)),
                              [&](ImplicitLocOpBuilder &b, ValueRange in) -> Value {
                                return b.create<arith::AddFOp>(in[0], Lowering::toCompute(b, in[1], dtype));
                              });
    Shape made = l.resultShape();
    return SmallVector<Value>{l.elementwise(
        {sum, count}, {made, countShape}, made, l.plainElement(dtype), [&](ImplicitLocOpBuilder &b, ValueRange in) {
          return Lowering::toStored(b, b.create<arith::DivFOp>(in[0], in[1]), dtype);
        })};
  }
  WindowFold fold;
  fold.countPadding = getCountPadding();
  auto init = [&](LoopWriter &w) -> Value { return w.create<arith::ConstantOp>(w.getZeroAttr(type)); };
  auto step = [&](LoopWriter &w, Value sum, Value x, Value) -> Value { return w.create<arith::AddFOp>(sum, x); };
  auto finish = [&](LoopWriter &w, Value sum, Value count) -> Value {
    Value whole = w.create<arith::IndexCastOp>(w.getI64Type(), w.max(count, w.index(1)));
    return w.create<arith::DivFOp>(sum, w.create<arith::SIToFPOp>(type, whole));
  };
  fold.init = init;
  fold.step = step;
  fold.finish = finish;
  return SmallVector<Value>{foldWindows(l, g.layout, g.window, fold)};
}

LogicalResult AvgPoolOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  bool padding = getCountPadding();
  return evaluatePool(*this, "avg_pool", operands[0], results[0], [&](ArrayRef<Number> seen, int64_t positions) {
    Jet sum;
    for (const Number &x : seen) sum = sum + x.real;
    int64_t count = padding ? positions : int64_t(seen.size());
    return Number(sum / Jet(double(std::max<int64_t>(count, 1))));
  });
}

Dim AvgPoolOp::flops() { return countFlops(*this, "avg_pool"); }

/// By how much each window divides, over what broadcasts: a convolution of ones with ones.
static Value windowCounts(RuleBuilder &b, AvgPoolOp op, const PoolGeometry &g) {
  const SpatialWindow &w = g.window;
  Shape image(w.kernel.size() + 2, Dim(1)), kernel = w.kernelShape();
  kernel.append(2, Dim(1));
  SmallVector<int64_t> padding;
  for (unsigned i = 0; i < w.kernel.size(); ++i) {
    bool counts = op.getCountPadding();
    image[i + 1] = w.in[i] + Dim(counts ? w.low[i] + w.high[i] : 0);
    padding.append({counts ? 0 : w.low[i], (counts ? 0 : w.high[i]) + (op.getCeilMode() ? w.stride[i] - 1 : 0)});
  }
  Type element = typeOf(op.getX()).getElementType();
  Value count = b.op<ConvOp>({b.filled(tensorType(image, element), 1), b.filled(tensorType(kernel, element), 1)},
                             {b.ints("stride", w.stride), b.ints("dilation", w.dilation), b.ints("padding", padding)});
  for (unsigned i = 0; i < w.kernel.size(); ++i) count = b.strided(count, i + 1, 0, w.out[i], 1);
  count = b.create<MaxOp>(count, b.number(count, 1));
  return b.reshape(count, g.layout.image(Dim(1), w.out, Dim(1)));
}
Value AvgPoolOp::transpose(RuleBuilder &b, unsigned, ValueRange cts) {
  Shape shape = shapeOf(getX());
  PoolGeometry g = *geometry(std::nullopt, "avg_pool", *this, shape);
  Value ct = b.div(cts[0], windowCounts(b, *this, g));
  Dim channels = shape[g.layout.channelAxis()];
  Shape kernel = g.window.kernelShape();
  if (channels.isStatic() && !channels.is(0)) { // each channel by itself
    kernel.append({channels, Dim(1)});
    Value ones = b.filled(tensorType(kernel, typeOf(ct).getElementType()), 1);
    return imageGradient(b, ct, ones, g.window, g.layout, channels.staticValue());
  }
  // Their number is no number of groups: each channel is an image.
  Permutation first = g.layout.channelsFirst ? Permutation() : inverse(channelsLastPerm(shape.size()));
  if (!g.layout.channelsFirst) ct = b.permute(ct, first);
  auto alone = [&](ArrayRef<Dim> spatial) {
    return ImageLayout{false, g.layout.spatialRank}.image(shape[0] * channels, spatial, Dim(1));
  };
  kernel.append(2, Dim(1));
  Value ones = b.filled(tensorType(kernel, typeOf(ct).getElementType()), 1);
  Value image = imageGradient(b, b.reshape(ct, alone(g.window.out)), ones, g.window, {false, g.layout.spatialRank}, 1);
  image = b.reshape(image, ImageLayout{true, g.layout.spatialRank}.image(shape[0], g.window.in, channels));
  return g.layout.channelsFirst ? image : b.permute(image, channelsLastPerm(shape.size()));
}
