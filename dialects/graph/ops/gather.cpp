// gather, pick, gather_elements, gather_nd: one graph.loops each, around a copy of the part behind the chosen axes.
// Where x is empty nothing of it is read: each position is outside then, and zeros are written.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/index_shapes.h"
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/row_major.h"

using namespace mlir;
using namespace graphc::graph;

/// Operands 0 and 1: anything, and positions.
static LogicalResult indexedTypes(std::optional<Location> location, StringRef mnemonic, ValueRange operands,
                                  RankedTensorType &x, RankedTensorType &index) {
  auto first = operandType(location, mnemonic, operands, 0, allDtypes);
  if (failed(first)) return failure();
  auto second = indexOperandType(location, mnemonic, operands, 1, "index");
  if (failed(second)) return failure();
  x = *first;
  index = *second;
  return success();
}

/// y[to...] = x[from...] for `count` elements, or zeros where x has none.
static void copyOrZero(LoopWriter &w, Value hasElements, Value count, Value from, Value to) {
  Type element = cast<MemRefType>(w.out(0).getType()).getElementType();
  w.when(
      hasElements,
      [&] {
        w.loop(w.index(0), count, [&](Value j) { w.store(w.load(w.in(0), w.add(from, j)), w.out(0), w.add(to, j)); });
      },
      [&] {
        Value zero = w.create<arith::ConstantOp>(w.getZeroAttr(element));
        w.loop(w.index(0), count, [&](Value j) { w.store(zero, w.out(0), w.add(to, j)); });
      });
}

static LoopWriter::Out resultOf(Lowering &l) { return {l.resultShape(), l.plainElement(l.resultDtype())}; }

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  RankedTensorType x, index;
  if (failed(indexedTypes(location, "gather", adaptor.getOperands(), x, index))) return failure(); // (C2)
  auto axis = checkedAxis(location, adaptor.getAxis(), x.getRank(), "axis", "x");                  // (C1)
  if (failed(axis)) return failure();
  return addResultType(location, takenShape(shapeOf(x), shapeOf(index), *axis), x.getElementType(),
                       {About::theOperand(1), About::theOperand(0)}, types); // (C3)
}

FailureOr<SmallVector<Value>> GatherOp::lower(Lowering &l) {
  Shape x = l.operandShape(0);
  int64_t axis = axisFromFront(getAxis(), x.size());
  Dim outer = elementCount(ArrayRef(x).take_front(axis)), inner = elementCount(ArrayRef(x).drop_front(axis + 1));
  LoopWriter w(l, l.in, {outer, elementCount(l.operandShape(1)), inner, x[axis]}, resultOf(l), /*mayFail=*/true);
  Value count = w.size(1), run = w.size(2), length = w.size(3), some = w.less(w.index(0), length);
  w.nest({w.size(0), count}, [&](ValueRange i) {
    Value position = w.checkedPosition(w.toIndex(w.load(w.in(1), i[1]), l.operandDtype(1)), length);
    Value from = w.mul(w.add(w.mul(i[0], length), position), run);
    copyOrZero(w, some, run, from, w.mul(w.add(w.mul(i[0], count), i[1]), run));
  });
  return w.results();
}

LogicalResult GatherOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &index = operands[1];
  HostTensor &y = results[0];
  int64_t axis = axisFromFront(getAxis(), x.shape.size()), taken = index.shape.size();
  auto position = [&](ArrayRef<int64_t> at) { return index.integers[flatIndex(at.slice(axis, taken), index.shape)]; };
  bool inside = true; // looked at even where a slice has no elements
  forEachIndex(ArrayRef(y.shape).take_front(axis + taken),
               [&](ArrayRef<int64_t> at) { inside &= position(at) >= 0 && position(at) < x.shape[axis]; });
  if (!inside) return failure();
  forEachIndex(y.shape, [&](ArrayRef<int64_t> at) {
    SmallVector<int64_t> from(at.take_front(axis));
    from.push_back(position(at));
    llvm::append_range(from, at.drop_front(axis + taken));
    setElement(y, flatIndex(at, y.shape), elementAt(x, flatIndex(from, x.shape)));
  });
  return success();
}

Dim GatherOp::flops() { return 0; }
Value GatherOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  return b.create<ScatterAddOp>(b.zeros(getX()), getIndex(), ct[0], getAxis());
}

LogicalResult PickOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  RankedTensorType x, index;
  if (failed(indexedTypes(location, "pick", adaptor.getOperands(), x, index))) return failure(); // (C2)
  auto axis = checkedAxis(location, adaptor.getAxis(), x.getRank(), "axis", "x");                // (C1)
  if (failed(axis)) return failure();
  Shape wanted = shapeOf(x);
  wanted.erase(wanted.begin() + *axis);
  if (shapeOf(index) != wanted) // (C3)
    return shapeError(location, "G3018", {About::theOperand(1), About::theOperand(0)},
                      "'index' is " + shapeText(shapeOf(index)) + ", 'x' without axis " + Twine(*axis) + " is " +
                          shapeText(wanted) + ": there must be one position for each");
  return addResultType(location, wanted, x.getElementType(), About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> PickOp::lower(Lowering &l) {
  Shape x = l.operandShape(0);
  int64_t axis = axisFromFront(getAxis(), x.size());
  Dim outer = elementCount(ArrayRef(x).take_front(axis)), inner = elementCount(ArrayRef(x).drop_front(axis + 1));
  LoopWriter w(l, l.in, {outer, inner, x[axis]}, resultOf(l), /*mayFail=*/true);
  Value run = w.size(1), length = w.size(2), some = w.less(w.index(0), length);
  w.nest({w.size(0), run}, [&](ValueRange i) {
    Value to = w.add(w.mul(i[0], run), i[1]);
    Value position = w.checkedPosition(w.toIndex(w.load(w.in(1), to), l.operandDtype(1)), length);
    copyOrZero(w, some, w.index(1), w.add(w.mul(w.add(w.mul(i[0], length), position), run), i[1]), to);
  });
  return w.results();
}

LogicalResult PickOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &index = operands[1];
  int64_t axis = axisFromFront(getAxis(), x.shape.size());
  bool inside = true;
  forEachIndex(index.shape, [&](ArrayRef<int64_t> at) {
    int64_t flat = flatIndex(at, index.shape);
    SmallVector<int64_t> from(at);
    from.insert(from.begin() + axis, index.integers[flat]);
    inside = inside && from[axis] >= 0 && from[axis] < x.shape[axis];
    if (inside) setElement(results[0], flat, elementAt(x, flatIndex(from, x.shape)));
  });
  return success(inside);
}

Dim PickOp::flops() { return 0; }
Value PickOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  int64_t axis = axisFromFront(getAxis(), typeOf(getX()).getRank());
  Shape shape = shapeOf(getIndex());
  shape.insert(shape.begin() + axis, Dim(1));
  return b.create<ScatterElementsOp>(b.zeros(getX()), b.reshape(getIndex(), shape), b.reshape(ct[0], shape), axis,
                                     "add");
}

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                                 SmallVectorImpl<Type> &types) {
  RankedTensorType x, index;
  if (failed(indexedTypes(location, "gather_elements", adaptor.getOperands(), x, index))) return failure(); // (C2)
  auto axis = checkedAxis(location, adaptor.getAxis(), x.getRank(), "axis", "x");                           // (C1)
  if (failed(axis) || failed(checkedWithin(location, shapeOf(index), shapeOf(x), *axis))) return failure(); // (C3)
  return addResultType(location, shapeOf(index), x.getElementType(), About::theOperand(1), types);
}

FailureOr<SmallVector<Value>> GatherElementsOp::lower(Lowering &l) {
  Shape x = l.operandShape(0), index = l.operandShape(1);
  int64_t axis = axisFromFront(getAxis(), x.size());
  flattenAround(axis, index, x);
  unsigned rank = x.size();
  SmallVector<Dim> sizes(index);
  llvm::append_range(sizes, x);
  LoopWriter w(l, l.in, sizes, resultOf(l), /*mayFail=*/true);
  auto counts = w.sizes(0, rank), lengths = w.sizes(rank, rank), dense = w.strides(counts),
       strides = w.strides(lengths);
  Value some = w.less(w.index(0), lengths[axis]);
  w.nest(counts, [&](ValueRange i) {
    LoopWriter::Values from(i);
    Value to = w.dot(i, dense);
    from[axis] = w.checkedPosition(w.toIndex(w.load(w.in(1), to), l.operandDtype(1)), lengths[axis]);
    copyOrZero(w, some, w.index(1), w.dot(from, strides), to);
  });
  return w.results();
}

LogicalResult GatherElementsOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &index = operands[1];
  int64_t axis = axisFromFront(getAxis(), x.shape.size());
  bool inside = true;
  forEachIndex(index.shape, [&](ArrayRef<int64_t> at) {
    int64_t flat = flatIndex(at, index.shape);
    SmallVector<int64_t> from(at);
    from[axis] = index.integers[flat];
    inside = inside && from[axis] >= 0 && from[axis] < x.shape[axis];
    if (inside) setElement(results[0], flat, elementAt(x, flatIndex(from, x.shape)));
  });
  return success(inside);
}

Dim GatherElementsOp::flops() { return 0; }
Value GatherElementsOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  return b.create<ScatterElementsOp>(b.zeros(getX()), getIndex(), ct[0], getAxis(), "add");
}

LogicalResult GatherNdOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  RankedTensorType x, index;
  if (failed(indexedTypes(location, "gather_nd", adaptor.getOperands(), x, index))) return failure(); // (C1)
  auto shape = slicesShape(location, shapeOf(x), shapeOf(index), adaptor.getBatchDims());             // (C2)..(C5)
  if (failed(shape)) return failure();
  return addResultType(location, *shape, x.getElementType(), {About::theOperand(1), About::theOperand(0)}, types);
}

FailureOr<SmallVector<Value>> GatherNdOp::lower(Lowering &l) {
  Shape x = l.operandShape(0), index = l.operandShape(1);
  int64_t batchDims = getBatchDims(), k = index.back().low();
  SmallVector<Dim> sizes(ArrayRef(x).slice(batchDims, k)); // of the chosen axes
  sizes.push_back(elementCount(ArrayRef(x).drop_front(batchDims + k)));
  sizes.push_back(elementCount(ArrayRef(x).take_front(batchDims)));
  sizes.push_back(elementCount(ArrayRef(index).drop_front(batchDims).drop_back()));
  LoopWriter w(l, l.in, sizes, resultOf(l), /*mayFail=*/true);
  Value run = w.size(k), count = w.size(k + 2), some = w.less(w.index(0), w.size(0));
  if (k == 0) some = w.less(w.index(0), run);
  for (int64_t axis = 1; axis < k; ++axis) some = w.both(some, w.less(w.index(0), w.size(axis)));
  w.nest({w.size(k + 1), count}, [&](ValueRange i) {
    Value at = w.add(w.mul(i[0], count), i[1]), from = i[0];
    for (int64_t axis = 0; axis < k; ++axis) {
      Value position = w.load(w.in(1), w.add(w.mul(at, w.index(k)), w.index(axis)));
      position = w.checkedPosition(w.toIndex(position, l.operandDtype(1)), w.size(axis));
      from = w.add(w.mul(from, w.size(axis)), position);
    }
    copyOrZero(w, some, run, w.mul(from, run), w.mul(at, run));
  });
  return w.results();
}

LogicalResult GatherNdOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &index = operands[1];
  HostTensor &y = results[0];
  int64_t batchDims = getBatchDims(), k = index.shape.back(), vectors = index.shape.size() - 1;
  bool inside = true;
  forEachIndex(y.shape, [&](ArrayRef<int64_t> at) {
    SmallVector<int64_t> from(at.take_front(batchDims));
    int64_t vector = flatIndex(at.take_front(vectors), ArrayRef(index.shape).drop_back());
    for (int64_t axis = 0; axis < k; ++axis) {
      from.push_back(index.integers[vector * k + axis]);
      inside = inside && from.back() >= 0 && from.back() < x.shape[batchDims + axis];
    }
    llvm::append_range(from, at.drop_front(vectors));
    if (inside) setElement(y, flatIndex(at, y.shape), elementAt(x, flatIndex(from, x.shape)));
  });
  return success(inside);
}

Dim GatherNdOp::flops() { return 0; }
Value GatherNdOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  Value index = getIndex();
  Shape shape = shapeOf(index);
  shape.back() = 1;
  SmallVector<Value> parts; // scatter_nd has no batch: their positions go into the vectors
  for (int64_t axis = 0; axis < int64_t(getBatchDims()); ++axis)
    parts.push_back(b.positions(shape, typeOf(index).getElementType(), axis));
  parts.push_back(index);
  if (parts.size() > 1) index = b.op<ConcatOp>(parts, b.integer("axis", -1));
  return b.create<ScatterNdOp>(b.zeros(getX()), index, ct[0], "add");
}
