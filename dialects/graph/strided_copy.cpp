// strided_copy.h. The body depends on the number of merged axes and on whether the last one is contiguous or repeats
// one element; counts, strides and the offset are run-time values.
#include "dialects/graph/strided_copy.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace graphc::graph {

llvm::SmallVector<StridedAxis> denseAxes(ArrayRef<Dim> shape) {
  SmallVector<StridedAxis> axes(shape.size());
  Dim stride(1);
  for (size_t i = shape.size(); i-- > 0;) {
    axes[i] = {shape[i], stride};
    stride = stride * shape[i];
  }
  return axes;
}

/// Axes of one element are dropped; neighbours become one where the outer steps over exactly the inner.
static SmallVector<StridedAxis> merged(ArrayRef<StridedAxis> axes) {
  SmallVector<StridedAxis> result; // innermost first
  for (const StridedAxis &axis : llvm::reverse(axes)) {
    if (axis.count.is(1)) continue;
    if (!result.empty() && axis.stride == result.back().stride * result.back().count)
      result.back().count = axis.count * result.back().count;
    else
      result.push_back(axis);
  }
  if (result.empty()) result.push_back({Dim(1), Dim(1)});
  std::reverse(result.begin(), result.end());
  return result;
}

Value stridedCopy(Lowering &l, Value x, const Dim &offset, ArrayRef<StridedAxis> visited, ArrayRef<Dim> result) {
  SmallVector<StridedAxis> axes = merged(visited);
  SmallVector<Dim> sizes{offset};
  for (const StridedAxis &axis : axes) sizes.push_back(axis.count);
  for (const StridedAxis &axis : axes) sizes.push_back(axis.stride);
  unsigned rank = axes.size();
  bool contiguous = axes.back().stride.is(1), repeats = axes.back().stride.is(0);
  LoopWriter w(l, x, sizes, LoopWriter::Out{Shape(result), getElementTypeOrSelf(x.getType())});
  auto counts = w.sizes(1, rank), strides = w.sizes(1 + rank, rank), dense = w.strides(counts);
  w.nest(ValueRange(counts).drop_back(), [&](ValueRange i) {
    Value from = w.add(w.size(0), w.dot(i, ValueRange(strides).drop_back()));
    Value to = w.dot(i, ValueRange(dense).drop_back());
    w.loop(w.index(0), counts.back(), [&](Value j) {
      Value step = contiguous ? j : repeats ? w.index(0) : w.mul(j, strides.back());
      w.store(w.load(w.in(0), w.add(from, step)), w.out(0), w.add(to, j));
    });
  });
  if (rank == 1 && contiguous) w.mark(partAttr);
  return w.results().front();
}

/// `k` of `parts` equal parts, if it is: positions [k * size, (k + 1) * size) of parts * size.
static std::optional<std::pair<int64_t, int64_t>> equalPart(const Dim &length, const Dim &offset, const Dim &size) {
  constexpr int64_t most = 8; // every other part is a kernel of its own
  for (int64_t parts = 2; parts <= most; ++parts) {
    if (size * Dim(parts) != length) continue;
    for (int64_t k = 0; k < parts; ++k)
      if (size * Dim(k) == offset) return std::pair(parts, k);
  }
  return std::nullopt;
}

Value takePart(Lowering &l, Value x, ArrayRef<Dim> shape, size_t axis, const Dim &offset, ArrayRef<Dim> result) {
  Dim size = result.size() == shape.size() ? result[axis] : Dim(1); // without the axis: one position
  auto equal = equalPart(shape[axis], offset, size);
  // Along axis 0 a part is one piece of memory: nothing has to take it in (place-parts).
  if (axis == 0 || !equal || llvm::any_of(shape, [](const Dim &one) { return one.is(0); })) {
    SmallVector<StridedAxis> axes = denseAxes(shape);
    Dim start = offset * axes[axis].stride;
    axes[axis].count = size;
    return stridedCopy(l, x, start, axes, result);
  }
  // The parts count together with the axis before: they lie one after the other for each of its positions.
  auto [parts, part] = *equal;
  Shape cut(shape), made(shape);
  cut[axis] = made[axis] = size;
  SmallVector<AffineExpr> read;
  for (size_t i = 0; i < shape.size(); ++i) read.push_back(l.getAffineDimExpr(i));
  cut[axis - 1] = cut[axis - 1] * Dim(parts);
  read[axis - 1] = read[axis - 1] * parts + part;
  Value init = l.empty(made, getElementTypeOrSelf(x.getType()));
  SmallVector<AffineMap> maps{AffineMap::get(shape.size(), 0, read, l.getContext()),
                              l.getMultiDimIdentityMap(shape.size())};
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  auto copy = l.create<linalg::GenericOp>(
      TypeRange(init.getType()), l.reshape(x, shape, cut), init, maps, iterators,
      [](OpBuilder &b, Location where, ValueRange scalar) { b.create<linalg::YieldOp>(where, scalar[0]); });
  return l.reshape(copy.getResult(0), made, result);
}

Value joinRuns(Lowering &l, ValueRange tensors, const Dim &outer, ArrayRef<Dim> runs, ArrayRef<Dim> result) {
  SmallVector<Dim> sizes(runs);
  Dim total(0);
  for (const Dim &run : runs) total = total + run;
  sizes.push_back(total);
  sizes.push_back(outer);
  LoopWriter w(l, tensors, sizes, LoopWriter::Out{Shape(result), getElementTypeOrSelf(tensors[0].getType())});
  unsigned count = tensors.size();
  w.loop(w.index(0), w.size(count + 1), [&](Value i) {
    Value to = w.mul(i, w.size(count));
    for (unsigned t = 0; t < count; ++t) {
      Value from = w.mul(i, w.size(t));
      // One that was made in its place is not copied.
      Value moved = outer.is(1) ? w.select(w.isSame(w.in(t), w.out(0), to), w.index(0), w.size(t)) : w.size(t);
      w.loop(w.index(0), moved, [&](Value j) { w.store(w.load(w.in(t), w.add(from, j)), w.out(0), w.add(to, j)); });
      to = w.add(to, w.size(t));
    }
  });
  if (outer.is(1)) w.mark(joinAttr);
  return w.results().front();
}

} // namespace graphc::graph
