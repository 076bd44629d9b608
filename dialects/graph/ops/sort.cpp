// sort, argsort and top_k: each line's positions are merge-sorted from the bottom up by the elements they name, then
// what is asked for is written in their order. Stable, O(n log n) whatever the data; two rows of positions are scratch.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/lines.h"
#include "dialects/graph/loop_writer.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace graphc::graph;
using Values = LoopWriter::Values;

constexpr int64_t largestI32 = std::numeric_limits<int32_t>::max();

/// The operand's type and the axis from the front.
static FailureOr<std::pair<RankedTensorType, int64_t>> inferLines(std::optional<Location> location, StringRef mnemonic,
                                                                  ValueRange operands, int64_t axis, bool positions) {
  auto x = operandType(location, mnemonic, operands, 0, numberDtypes); // (C2)
  if (failed(x)) return failure();
  auto fromFront = checkedAxis(location, axis, x->getRank(), "axis", "x"); // (C1)
  if (failed(fromFront)) return failure();
  Dim length = shapeOf(*x)[*fromFront];
  if (positions && length.high() - 1 > largestI32)
    return shapeError(location, "G4005", {About::theAttribute("axis"), About::theOperand(0)},
                      "positions along an axis of size " + length.text() + " do not fit i32");
  return std::make_pair(*x, *fromFront);
}

namespace {
/// Sorts the positions of lines by the elements they name.
struct LineSorter {
  LoopWriter &w;
  Dtype dtype;
  bool descending;
  Value order, other; // rows of `length` positions
  Value length, inner;

  Value position(Value row, Value at) { return w.toIndex(w.load(row, at), Dtype::I64); }
  void setPosition(Value position, Value row, Value at) {
    w.store(w.fromIndex(position, cast<MemRefType>(row.getType()).getElementType()), row, at);
  }
  Value place(Value first, Value position) { return w.add(first, w.mul(position, inner)); }

  /// True if a must stand before b, which now stands before a. NaN is the largest.
  Value before(Value a, Value b) {
    ScalarBuilder s(w.getLoc(), w, dtype, dtype);
    if (!s.isReal())
      return s.compare(descending ? ScalarBuilder::Relation::Greater : ScalarBuilder::Relation::Less, a, b);
    Value number = descending ? b : a;
    auto relation = descending ? arith::CmpFPredicate::UGT : arith::CmpFPredicate::ULT;
    return w.both(w.create<arith::CmpFOp>(relation, a, b),
                  w.create<arith::CmpFOp>(arith::CmpFPredicate::ORD, number, number));
  }

  /// Merges neighbouring sorted runs of `width` positions.
  void mergeRuns(Value first, Value from, Value to, Value width) {
    Value two = w.add(width, width), last = w.sub(length, w.index(1));
    Value pairs = w.div(w.add(length, w.sub(two, w.index(1))), two);
    w.loop(w.index(0), pairs, [&](Value pair) {
      Value low = w.mul(pair, two), middle = w.min(w.add(low, width), length), high = w.min(w.add(low, two), length);
      w.loop(low, high, {low, middle}, [&](Value at, ValueRange next) -> Values {
        Value left = position(from, w.min(next[0], last)), right = position(from, w.min(next[1], last));
        Value leads = before(w.loadComputed(w.in(0), place(first, right), dtype),
                             w.loadComputed(w.in(0), place(first, left), dtype));
        Value takeRight = w.both(w.less(next[1], high), w.either(w.equal(next[0], middle), leads));
        setPosition(w.select(takeRight, right, left), to, at);
        return {w.select(takeRight, next[0], w.add(next[0], w.index(1))),
                w.select(takeRight, w.add(next[1], w.index(1)), next[1])};
      });
    });
  }

  /// Leaves in `order` the sorted positions of the line whose element 0 lies at `first`.
  void sort(Value first) {
    w.loop(w.index(0), length, [&](Value i) { setPosition(i, order, i); });
    w.repeat(
        w.index(1), [&](ValueRange width) { return w.less(width[0], length); },
        [&](ValueRange width) -> Values {
          Value two = w.add(width[0], width[0]);
          mergeRuns(first, order, other, width[0]);
          mergeRuns(first, other, order, two); // at the end there is one run, and this copies it
          return {w.add(two, two)};
        });
  }
};
} // namespace

/// One graph.loops that fills `outs`, each with the first `count` elements of every sorted line: `write` writes place
/// `at` of them, for the element of x at `source`, which is at `position` of its line.
using WriteElement = function_ref<void(LoopWriter &, Value source, Value position, Value at)>;
static SmallVector<Value> lowerSorted(Lowering &l, int64_t axis, bool descending, Dim count,
                                      ArrayRef<LoopWriter::Out> outs, WriteElement write) {
  axis = axisFromFront(axis, l.operandShape(0).size());
  Shape sizes = lineSizes(l.operandShape(0), axis);
  Dim length = sizes[1];
  sizes.push_back(count);
  Type position = length.high() <= largestI32 ? l.getI32Type() : l.getI64Type();
  SmallVector<LoopWriter::Out> all(outs);
  all.append(2, {Shape{length}, position});
  LoopWriter w(l, l.in[0], sizes, all);
  unsigned scratch = outs.size();
  LineSorter sorter{w, l.operandDtype(0), descending, w.out(scratch), w.out(scratch + 1), w.size(1), w.size(2)};
  w.nest({w.size(0), w.size(2)}, [&](ValueRange line) {
    Value first = w.add(w.mul(line[0], w.mul(w.size(1), w.size(2))), line[1]);
    Value start = w.add(w.mul(line[0], w.mul(w.size(3), w.size(2))), line[1]);
    sorter.sort(first);
    w.loop(w.index(0), w.size(3), [&](Value i) {
      Value from = sorter.position(sorter.order, i);
      write(w, sorter.place(first, from), from, sorter.place(start, i));
    });
  });
  SmallVector<Value> results = w.results();
  results.truncate(outs.size());
  return results;
}

/// The order of a line's elements: positions in x, sorted.
static SmallVector<int64_t> sorted(const HostTensor &x, ArrayRef<int64_t> line, bool descending) {
  auto isNan = [](const Number &n) { return n.isReal() && std::isnan(n.real.v); };
  auto below = [&](int64_t i, int64_t j) {
    Number a = elementAt(x, i), b = elementAt(x, j);
    if (isNan(a) || isNan(b)) return !isNan(a) && isNan(b);
    return lessThan(a, b);
  };
  SmallVector<int64_t> order(line);
  llvm::sort(order, [&](int64_t i, int64_t j) { // of equals the one that came first: positions grow along a line
    bool first = descending ? below(j, i) : below(i, j), second = descending ? below(i, j) : below(j, i);
    return first || (!second && i < j);
  });
  return order;
}

/// n log n comparisons.
static Dim comparisons(Type x, int64_t axis) {
  Shape shape = shapeOf(cast<RankedTensorType>(x));
  uint64_t length = shape[axisFromFront(axis, shape.size())].high();
  return elementCount(shape) * Dim(llvm::Log2_64_Ceil(length + 1) + 1);
}

// sort
LogicalResult SortOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto lines = inferLines(location, "sort", adaptor.getOperands(), adaptor.getAxis(), false);
  if (failed(lines)) return failure();
  types.push_back(lines->first);
  return success();
}

FailureOr<SmallVector<Value>> SortOp::lower(Lowering &l) {
  Shape shape = l.resultShape();
  Dim length = shape[axisFromFront(getAxis(), shape.size())];
  return lowerSorted(
      l, getAxis(), getDescending(), length, LoopWriter::Out{shape, l.plainElement(l.resultDtype())},
      [](LoopWriter &w, Value source, Value, Value at) { w.store(w.load(w.in(0), source), w.out(0), at); });
}

LogicalResult SortOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  forEachLine(x, axisFromFront(getAxis(), x.shape.size()), [&](ArrayRef<int64_t> line) {
    for (auto [to, from] : llvm::zip_equal(line, sorted(x, line, getDescending())))
      setElement(results[0], to, elementAt(x, from));
  });
  return success();
}

Dim SortOp::flops() { return comparisons(getX().getType(), getAxis()); }

StringRef SortOp::noDerivative() {
  Shape shape = shapeOf(getX());
  bool fits = shape[axisFromFront(int64_t(getAxis()), shape.size())].high() - 1 <= largestI32;
  return fits ? "" : "has no rule for an axis whose positions do not fit i32";
}
/// Where the elements lay: derivatives go the same way.
static Value placesOf(RuleBuilder &b, SortOp op) {
  return b.create<ArgsortOp>(op.getX(), op.getAxis(), op.getDescending());
}
void SortOp::jvp(RuleBuilder &b, JvpState &state) {
  state.set(0, b.create<GatherElementsOp>(state.in(0), placesOf(b, *this), getAxis()));
}
void SortOp::vjp(RuleBuilder &b, VjpState &state) {
  state.sums[0] = b.create<ScatterElementsOp>(b.zeros(getX()), placesOf(b, *this), state.ct(), getAxis(), "add");
}

// argsort
LogicalResult ArgsortOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto lines = inferLines(location, "argsort", adaptor.getOperands(), adaptor.getAxis(), true); // (C3)
  if (failed(lines)) return failure();
  return addResultType(location, shapeOf(lines->first), elementType(context, Dtype::I32), About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> ArgsortOp::lower(Lowering &l) {
  Shape shape = l.resultShape();
  Dim length = shape[axisFromFront(getAxis(), shape.size())];
  return lowerSorted(l, getAxis(), getDescending(), length, LoopWriter::Out{shape, l.getI32Type()},
                     [](LoopWriter &w, Value, Value position, Value at) {
                       w.store(w.fromIndex(position, w.getI32Type()), w.out(0), at);
                     });
}

LogicalResult ArgsortOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  forEachLine(x, axisFromFront(getAxis(), x.shape.size()), [&](ArrayRef<int64_t> line) {
    for (auto [to, from] : llvm::zip_equal(line, sorted(x, line, getDescending())))
      results[0].integers[to] = llvm::find(line, from) - line.begin();
  });
  return success();
}

Dim ArgsortOp::flops() { return comparisons(getX().getType(), getAxis()); }

// top_k
LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto lines = inferLines(location, "top_k", adaptor.getOperands(), adaptor.getAxis(), true); // (C4)
  if (failed(lines)) return failure();
  Shape shape = shapeOf(lines->first);
  int64_t axis = lines->second, k = adaptor.getK(), most = std::max<int64_t>(shape[axis].low(), 0);
  if (k < 0 || k > most) // (C3)
    return shapeError(location, "G2001", {About::theAttribute("k"), About::theOperand(0)},
                      "'k' is " + Twine(k) + ", axis " + Twine(axis) + " of " + shapeText(shape) + " has " +
                          (shape[axis].isStatic() ? "" : "at least ") + Twine(most) + " elements");
  shape[axis] = k;
  About about = About::theOperand(0);
  if (failed(addResultType(location, shape, lines->first.getElementType(), about, types))) return failure();
  return addResultType(location, shape, elementType(context, Dtype::I32), about, types);
}

FailureOr<SmallVector<Value>> TopKOp::lower(Lowering &l) {
  SmallVector<LoopWriter::Out> outs{{l.resultShape(0), l.plainElement(l.resultDtype(0))},
                                    {l.resultShape(1), l.getI32Type()}};
  return lowerSorted(l, getAxis(), getLargest(), Dim(getK()), outs,
                     [](LoopWriter &w, Value source, Value position, Value at) {
                       w.store(w.load(w.in(0), source), w.out(0), at);
                       w.store(w.fromIndex(position, w.getI32Type()), w.out(1), at);
                     });
}

LogicalResult TopKOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  int64_t axis = axisFromFront(getAxis(), x.shape.size());
  SmallVector<SmallVector<int64_t>> orders, lines;
  forEachLine(x, axis, [&](ArrayRef<int64_t> line) {
    lines.emplace_back(line);
    orders.push_back(sorted(x, line, getLargest()));
  });
  size_t which = 0;
  forEachLine(results[0], axis, [&](ArrayRef<int64_t> places) {
    for (auto [to, from] : llvm::zip(places, orders[which])) {
      setElement(results[0], to, elementAt(x, from));
      results[1].integers[to] = llvm::find(lines[which], from) - lines[which].begin();
    }
    ++which;
  });
  return success();
}

Dim TopKOp::flops() { return comparisons(getX().getType(), getAxis()); }

void TopKOp::jvp(RuleBuilder &b, JvpState &state) {
  state.set(0, b.create<GatherElementsOp>(state.in(0), getIndices(), getAxis()));
}
void TopKOp::vjp(RuleBuilder &b, VjpState &state) {
  if (state.ct())
    state.sums[0] = b.create<ScatterElementsOp>(b.zeros(getX()), getIndices(), state.ct(), getAxis(), "add");
}
