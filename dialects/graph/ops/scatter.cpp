// scatter_add, scatter_elements, scatter_nd, update_slice: where their updates go. What happens there: scatter_loops;
// its derivatives: scatter_derivative.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/index_shapes.h"
#include "dialects/graph/row_major.h"
#include "dialects/graph/scatter_derivative.h"
#include "dialects/graph/scatter_loops.h"

using namespace mlir;
using namespace graphc::graph;

static LogicalResult checkReduction(std::optional<Location> location, StringRef reduction) {
  if (llvm::is_contained({"none", "add", "mul", "min", "max"}, reduction)) return success();
  return shapeError(location, "G2003", About::theAttribute("reduction"),
                    "'reduction' is '" + reduction + "', it can be 'none', 'add', 'mul', 'min' or 'max'");
}

namespace {
struct ScatterTypes {
  RankedTensorType x, index, update;
};
} // namespace

/// Operands x and `update` of one dtype (any, or a number where they are combined), and the index.
static FailureOr<ScatterTypes> scatterTypes(std::optional<Location> location, StringRef mnemonic, ValueRange operands,
                                            bool combines) {
  ArrayRef<Dtype> dtypes = combines ? ArrayRef<Dtype>(numberDtypes) : ArrayRef<Dtype>(allDtypes);
  auto x = operandType(location, mnemonic, operands, 0, dtypes);
  if (failed(x)) return failure();
  auto index = indexOperandType(location, mnemonic, operands, 1, "index");
  if (failed(index)) return failure();
  auto update = operandType(location, mnemonic, operands, 2, allDtypes);
  if (failed(update)) return failure();
  if (x->getElementType() != update->getElementType())
    return shapeError(location, "G4001", {About::theOperand(2), About::theOperand(0)},
                      "'update' is " + typeName(update->getElementType()) + " and 'x' is " +
                          typeName(x->getElementType()) + ", they must have one dtype");
  return ScatterTypes{*x, *index, *update};
}

static LogicalResult checkUpdate(std::optional<Location> location, ArrayRef<Dim> update, ArrayRef<Dim> wanted) {
  if (update == wanted) return success();
  return shapeError(location, "G3018", {About::theOperand(2), About::theOperand(1), About::theOperand(0)},
                    "'update' is " + shapeText(update) + ", for this 'x' and 'index' it must be " + shapeText(wanted));
}

LogicalResult ScatterAddOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto in = scatterTypes(location, "scatter_add", adaptor.getOperands(), true); // (C2), (C3)
  if (failed(in)) return failure();
  auto axis = checkedAxis(location, adaptor.getAxis(), in->x.getRank(), "axis", "x"); // (C1)
  if (failed(axis) ||
      failed(checkUpdate(location, shapeOf(in->update), takenShape(shapeOf(in->x), shapeOf(in->index), *axis))))
    return failure(); // (C4)
  types.push_back(in->x);
  return success();
}

FailureOr<SmallVector<Value>> ScatterAddOp::lower(Lowering &l) {
  Shape x = l.operandShape(0);
  int64_t axis = axisFromFront(getAxis(), x.size());
  Dim outer = elementCount(ArrayRef(x).take_front(axis)), inner = elementCount(ArrayRef(x).drop_front(axis + 1));
  Scatter scatter(l, {outer, elementCount(l.operandShape(1)), inner, x[axis]}, "add");
  LoopWriter &w = scatter.writer();
  Value count = w.size(1), run = w.size(2), length = w.size(3);
  Value some = w.select(w.less(w.index(0), length), run, w.index(0)); // an empty x takes no update
  w.nest({w.size(0), count}, [&](ValueRange i) {
    Value position = w.checkedPosition(w.toIndex(w.load(w.in(1), i[1]), l.operandDtype(1)), length);
    scatter.update(w.in(2), w.mul(w.add(w.mul(i[0], count), i[1]), run),
                   w.mul(w.add(w.mul(i[0], length), position), run), some);
  });
  return scatter.finish(4);
}

LogicalResult ScatterAddOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &index = operands[1], &update = operands[2];
  int64_t axis = axisFromFront(getAxis(), x.shape.size()), taken = index.shape.size();
  results[0] = x;
  HostScatter scatter(results[0], "add");
  bool inside = true;
  forEachIndex(update.shape, [&](ArrayRef<int64_t> at) {
    SmallVector<int64_t> to(at.take_front(axis));
    to.push_back(index.integers[flatIndex(at.slice(axis, taken), index.shape)]);
    llvm::append_range(to, at.drop_front(axis + taken));
    inside = inside && to[axis] >= 0 && to[axis] < x.shape[axis];
    if (inside) scatter.put(flatIndex(to, x.shape), elementAt(update, flatIndex(at, update.shape)));
  });
  return success(inside);
}

Dim ScatterAddOp::flops() { return elementCount(shapeOf(getUpdate().getType())); }
Value ScatterAddOp::transpose(RuleBuilder &b, unsigned i, ValueRange ct) {
  return i == 0 ? ct[0] : b.create<GatherOp>(ct[0], getIndex(), getAxis()).getResult();
}

LogicalResult ScatterElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                                  SmallVectorImpl<Type> &types) {
  if (failed(checkReduction(location, adaptor.getReduction()))) return failure(); // (C6)
  auto in =
      scatterTypes(location, "scatter_elements", adaptor.getOperands(), adaptor.getReduction() != "none"); // (C2), (C3)
  if (failed(in)) return failure();
  auto axis = checkedAxis(location, adaptor.getAxis(), in->x.getRank(), "axis", "x");               // (C1)
  if (failed(axis) || failed(checkedWithin(location, shapeOf(in->index), shapeOf(in->x), *axis)) || // (C4)
      failed(checkUpdate(location, shapeOf(in->update), shapeOf(in->index))))                       // (C5)
    return failure();
  types.push_back(in->x);
  return success();
}

FailureOr<SmallVector<Value>> ScatterElementsOp::lower(Lowering &l) {
  Shape x = l.operandShape(0), index = l.operandShape(1);
  int64_t axis = axisFromFront(getAxis(), x.size());
  flattenAround(axis, index, x);
  unsigned rank = x.size();
  SmallVector<Dim> sizes(index);
  llvm::append_range(sizes, x);
  Scatter scatter(l, sizes, getReduction());
  LoopWriter &w = scatter.writer();
  auto counts = w.sizes(0, rank), lengths = w.sizes(rank, rank), dense = w.strides(counts),
       strides = w.strides(lengths);
  Value some = w.select(w.less(w.index(0), lengths[axis]), w.index(1), w.index(0)); // an empty x takes no update
  w.nest(counts, [&](ValueRange i) {
    LoopWriter::Values to(i);
    Value from = w.dot(i, dense);
    to[axis] = w.checkedPosition(w.toIndex(w.load(w.in(1), from), l.operandDtype(1)), lengths[axis]);
    scatter.update(w.in(2), from, w.dot(to, strides), some);
  });
  return scatter.finish(sizes.size());
}

LogicalResult ScatterElementsOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &index = operands[1], &update = operands[2];
  int64_t axis = axisFromFront(getAxis(), x.shape.size());
  results[0] = x;
  HostScatter scatter(results[0], getReduction());
  bool inside = true;
  forEachIndex(index.shape, [&](ArrayRef<int64_t> at) {
    int64_t flat = flatIndex(at, index.shape);
    SmallVector<int64_t> to(at);
    to[axis] = index.integers[flat];
    inside = inside && to[axis] >= 0 && to[axis] < x.shape[axis];
    if (inside) scatter.put(flatIndex(to, x.shape), elementAt(update, flat));
  });
  scatter.finish();
  return success(inside);
}

Dim ScatterElementsOp::flops() { return getReduction() == "none" ? 0 : elementCount(shapeOf(getUpdate().getType())); }

/// Calls `use` with the rule of the op.
static void withRule(RuleBuilder &b, ScatterElementsOp op, function_ref<void(const ScatterRule &)> use) {
  auto write = [&](Value x, Value update, StringRef reduction) -> Value {
    return b.create<ScatterElementsOp>(x, op.getIndex(), update, op.getAxis(), reduction);
  };
  auto read = [&](Value x) -> Value { return b.create<GatherElementsOp>(x, op.getIndex(), op.getAxis()); };
  use({op.getX(), op.getUpdate(), op.getY(), op.getReduction(), write, read});
}
void ScatterElementsOp::jvp(RuleBuilder &b, JvpState &state) {
  withRule(b, *this, [&](const ScatterRule &rule) { jvpOfScatter(*this, b, rule, state); });
}
void ScatterElementsOp::vjp(RuleBuilder &b, VjpState &state) {
  withRule(b, *this, [&](const ScatterRule &rule) { vjpOfScatter(b, rule, state); });
}

LogicalResult ScatterNdOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  if (failed(checkReduction(location, adaptor.getReduction()))) return failure();                          // (C5)
  auto in = scatterTypes(location, "scatter_nd", adaptor.getOperands(), adaptor.getReduction() != "none"); // (C1), (C2)
  if (failed(in)) return failure();
  auto wanted = slicesShape(location, shapeOf(in->x), shapeOf(in->index), 0);                          // (C3)
  if (failed(wanted) || failed(checkUpdate(location, shapeOf(in->update), *wanted))) return failure(); // (C4)
  types.push_back(in->x);
  return success();
}

FailureOr<SmallVector<Value>> ScatterNdOp::lower(Lowering &l) {
  Shape x = l.operandShape(0), index = l.operandShape(1);
  int64_t k = index.back().low();
  SmallVector<Dim> sizes(ArrayRef(x).take_front(k));
  sizes.push_back(elementCount(ArrayRef(x).drop_front(k)));
  sizes.push_back(elementCount(ArrayRef(index).drop_back()));
  Scatter scatter(l, sizes, getReduction());
  LoopWriter &w = scatter.writer();
  Value run = w.size(k), some = run; // an empty x takes no update
  for (int64_t axis = 0; axis < k; ++axis) some = w.select(w.less(w.index(0), w.size(axis)), some, w.index(0));
  w.loop(w.index(0), w.size(k + 1), [&](Value i) {
    Value to = w.index(0);
    for (int64_t axis = 0; axis < k; ++axis) {
      Value position = w.load(w.in(1), w.add(w.mul(i, w.index(k)), w.index(axis)));
      position = w.checkedPosition(w.toIndex(position, l.operandDtype(1)), w.size(axis));
      to = w.add(w.mul(to, w.size(axis)), position);
    }
    scatter.update(w.in(2), w.mul(i, run), w.mul(to, run), some);
  });
  return scatter.finish(sizes.size());
}

LogicalResult ScatterNdOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &index = operands[1], &update = operands[2];
  int64_t k = index.shape.back(), vectors = index.shape.size() - 1;
  results[0] = x;
  HostScatter scatter(results[0], getReduction());
  bool inside = true;
  forEachIndex(update.shape, [&](ArrayRef<int64_t> at) {
    SmallVector<int64_t> to;
    int64_t vector = flatIndex(at.take_front(vectors), ArrayRef(index.shape).drop_back());
    for (int64_t axis = 0; axis < k; ++axis) {
      to.push_back(index.integers[vector * k + axis]);
      inside = inside && to.back() >= 0 && to.back() < x.shape[axis];
    }
    llvm::append_range(to, at.drop_front(vectors));
    if (inside) scatter.put(flatIndex(to, x.shape), elementAt(update, flatIndex(at, update.shape)));
  });
  scatter.finish();
  return success(inside);
}

Dim ScatterNdOp::flops() { return getReduction() == "none" ? 0 : elementCount(shapeOf(getUpdate().getType())); }

static void withRule(RuleBuilder &b, ScatterNdOp op, function_ref<void(const ScatterRule &)> use) {
  auto write = [&](Value x, Value update, StringRef reduction) -> Value {
    return b.create<ScatterNdOp>(x, op.getIndex(), update, reduction);
  };
  auto read = [&](Value x) -> Value { return b.create<GatherNdOp>(x, op.getIndex()); };
  use({op.getX(), op.getUpdate(), op.getY(), op.getReduction(), write, read});
}
void ScatterNdOp::jvp(RuleBuilder &b, JvpState &state) {
  withRule(b, *this, [&](const ScatterRule &rule) { jvpOfScatter(*this, b, rule, state); });
}
void ScatterNdOp::vjp(RuleBuilder &b, VjpState &state) {
  withRule(b, *this, [&](const ScatterRule &rule) { vjpOfScatter(b, rule, state); });
}

/// Which axes the positions of `start` are along, from the front: `axis`, or all of them.
static FailureOr<SmallVector<int64_t>> startAxes(std::optional<Location> location,
                                                 std::optional<ArrayRef<int64_t>> axis, int64_t rank) {
  if (axis) return checkedAxes(location, *axis, rank, "axis", "x", /*sort=*/false);
  return llvm::to_vector(llvm::seq<int64_t>(0, rank));
}

LogicalResult UpdateSliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  ValueRange operands = adaptor.getOperands();
  auto in = operandTypes(location, "update_slice", operands.take_front(2), allDtypes); // (C1)
  if (failed(in)) return failure();
  auto start = indexOperandType(location, "update_slice", operands, 2, "start"); // (C2)
  if (failed(start)) return failure();
  Shape x = shapeOf((*in)[0]), update = shapeOf((*in)[1]), positions = shapeOf(*start);
  auto axes = startAxes(location, adaptor.getAxis(), x.size()); // (C4), (C5)
  if (failed(axes)) return failure();
  bool fits = x.size() == update.size();                                              // (C1)
  for (size_t k = 0; fits && k < x.size(); ++k) fits = (x[k] - update[k]).low() >= 0; // (C3)
  if (!fits)
    return shapeError(location, "G3018", {About::theOperand(1), About::theOperand(0)},
                      "'update' is " + shapeText(update) + " and must lie in 'x', which is " + shapeText(x));
  bool isScalar = positions.empty() && adaptor.getAxis() && axes->size() == 1;
  if (!isScalar && (positions.size() != 1 || !positions[0].is(axes->size()))) // (C2)
    return shapeError(location, "G3018", {About::theOperand(2), About::theOperand(0)},
                      "'start' is " + shapeText(positions) + ", it must be [" + Twine(axes->size()) +
                          "]: one position for each " + (adaptor.getAxis() ? "of 'axis'" : "axis of 'x'"));
  types.push_back((*in)[0]);
  return success();
}

FailureOr<SmallVector<Value>> UpdateSliceOp::lower(Lowering &l) {
  Shape x = l.operandShape(0), update = l.operandShape(1);
  unsigned rank = x.size();
  SmallVector<Dim> sizes(x);
  llvm::append_range(sizes, update);
  Scatter scatter(l, sizes, "none");
  LoopWriter &w = scatter.writer();
  auto lengths = w.sizes(0, rank), counts = w.sizes(rank, rank), strides = w.strides(lengths),
       dense = w.strides(counts);
  Value offset = w.index(0);
  for (auto [k, axis] : llvm::enumerate(*startAxes(std::nullopt, getAxis(), rank))) {
    Value room = w.add(w.sub(lengths[axis], counts[axis]), w.index(1)); // 1 or more
    Value start = w.checkedPosition(w.toIndex(w.load(w.in(2), w.index(k)), l.operandDtype(2)), room);
    offset = w.add(offset, w.mul(start, strides[axis]));
  }
  Value run = rank ? counts.back() : w.index(1);
  w.nest(rank ? ValueRange(counts).drop_back() : ValueRange(), [&](ValueRange i) {
    Value from = w.dot(i, ValueRange(dense).take_front(i.size()));
    scatter.update(w.in(1), from, w.add(offset, w.dot(i, ValueRange(strides).take_front(i.size()))), run);
  });
  return scatter.finish(sizes.size());
}

LogicalResult UpdateSliceOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &update = operands[1], &start = operands[2];
  results[0] = x;
  SmallVector<int64_t> first(x.shape.size(), 0);
  for (auto [k, axis] : llvm::enumerate(*startAxes(std::nullopt, getAxis(), x.shape.size()))) {
    first[axis] = start.integers[k];
    if (first[axis] < 0 || first[axis] > x.shape[axis] - update.shape[axis]) return failure();
  }
  forEachIndex(update.shape, [&](ArrayRef<int64_t> at) {
    SmallVector<int64_t> to(at);
    for (size_t k = 0; k < to.size(); ++k) to[k] += first[k];
    setElement(results[0], flatIndex(to, x.shape), elementAt(update, flatIndex(at, update.shape)));
  });
  return success();
}

Dim UpdateSliceOp::flops() { return 0; }
Value UpdateSliceOp::transpose(RuleBuilder &b, unsigned i, ValueRange ct) {
  if (i == 0) return b.create<UpdateSliceOp>(ct[0], b.zeros(getUpdate()), getStart(), getAxisAttr());
  Shape x = shapeOf(getX()), update = shapeOf(getUpdate());
  SmallVector<Value> starts(x.size()); // null: 0
  for (auto [k, axis] : llvm::enumerate(*startAxes(std::nullopt, getAxis(), x.size())))
    starts[axis] = shapeOf(getStart()).empty() ? b.reshape(getStart(), {Dim(1)}) : b.strided(getStart(), 0, k, 1, 1);
  Value block = ct[0];
  for (auto [axis, size] : llvm::enumerate(update)) {
    if (size == x[axis]) continue; // starts at 0
    Type element = typeOf(getStart()).getElementType();
    Value index = b.positions(size, element);
    if (starts[axis]) index = b.add(index, starts[axis]);
    block = b.create<GatherOp>(block, index, axis);
  }
  return block;
}
