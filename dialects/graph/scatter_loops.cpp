// scatter_loops.h.
#include "dialects/graph/scatter_loops.h"
#include "dialects/graph/row_major.h"
#include "dialects/graph/scalar_builder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;

static bool isNarrow(Dtype dtype) { return dtype == Dtype::F16 || dtype == Dtype::BF16; }
static SmallVector<Dim> withCount(ArrayRef<Dim> sizes, ArrayRef<Dim> shape) {
  SmallVector<Dim> all(sizes);
  all.push_back(elementCount(shape));
  return all;
}
static SmallVector<LoopWriter::Out> outs(Lowering &l, Dtype dtype, bool wide) {
  SmallVector<LoopWriter::Out> outs{{l.resultShape(), l.plainElement(dtype)}};
  if (wide) outs.push_back({l.resultShape(), l.getF32Type()});
  return outs;
}
static SmallVector<int64_t> inplace(bool wide) {
  if (wide) return {};
  return {0, 0};
}

Scatter::Scatter(Lowering &l, ArrayRef<Dim> sizes, StringRef reduction)
    : dtype(l.resultDtype()), reduction(reduction), wide(reduction != "none" && isNarrow(dtype)),
      w(l, l.in, withCount(sizes, l.resultShape()), outs(l, dtype, wide), /*mayFail=*/true, inplace(wide)) {
  Value count = w.size(sizes.size());
  if (!wide) count = w.select(w.isSame(w.in(0), w.out(0)), w.index(0), count);
  w.loop(w.index(0), count, [&](Value i) {
    if (wide)
      w.store(w.loadComputed(w.in(0), i, dtype), w.out(1), i);
    else
      w.store(w.load(w.in(0), i), w.out(0), i);
  });
}

void Scatter::update(Value buffer, Value from, Value to, Value count) {
  w.loop(w.index(0), count, [&](Value j) {
    Value at = w.add(to, j);
    if (reduction == "none") return w.store(w.load(buffer, w.add(from, j)), w.out(0), at);
    Value next = w.loadComputed(buffer, w.add(from, j), dtype);
    if (wide) return w.store(combined(w.load(w.out(1), at), next), w.out(1), at);
    w.storeComputed(combined(w.loadComputed(w.out(0), at, dtype), next), w.out(0), at, dtype);
  });
}

SmallVector<Value> Scatter::finish(unsigned countAt) {
  if (wide)
    w.loop(w.index(0), w.size(countAt), [&](Value i) { w.storeComputed(w.load(w.out(1), i), w.out(0), i, dtype); });
  return {w.results().front()};
}

Value Scatter::combined(Value a, Value b) {
  ScalarBuilder s(w.getLoc(), w, dtype, dtype);
  if (reduction == "add") return s.add(a, b);
  if (reduction == "mul") return s.mul(a, b);
  if (s.isReal())
    return reduction == "min" ? Value(s.create<arith::MinimumFOp>(a, b)) : Value(s.create<arith::MaximumFOp>(a, b));
  Value takesB = reduction == "min" ? s.less(b, a) : s.less(a, b);
  return s.select(takesB, b, a);
}

HostScatter::HostScatter(HostTensor &y, StringRef reduction)
    : y(y), reduction(reduction), chooses(isFloat(y.dtype) && (reduction == "min" || reduction == "max")) {
  if (chooses) equals.assign(y.floats.begin(), y.floats.end()), counts.assign(y.floats.size(), 1);
}

void HostScatter::put(int64_t at, const Number &next) {
  Number old = elementAt(y, at), result = next;
  bool real = next.isReal();
  if (reduction == "add" || reduction == "mul") {
    bool add = reduction == "add";
    if (real)
      result.real = add ? old.real + next.real : old.real * next.real;
    else
      result.integer = wrapped(add ? int64_t(uint64_t(old.integer) + uint64_t(next.integer))
                                   : int64_t(uint64_t(old.integer) * uint64_t(next.integer)),
                               y.dtype);
  } else if (reduction == "min" || reduction == "max") {
    bool oldIsNan = real && std::isnan(old.real.v), nextIsNan = real && std::isnan(next.real.v);
    bool keeps = reduction == "min" ? !lessThan(next, old) : !lessThan(old, next);
    bool same = real && old.real.v == next.real.v;
    if (real) note(at, next.real, same, oldIsNan || (keeps && !nextIsNan));
    if (same) keeps = (reduction == "min") == std::signbit(old.real.v); // -0 < 0
    if (oldIsNan || (keeps && !nextIsNan)) result = old;
  }
  setElement(y, at, result);
}

void HostScatter::note(int64_t at, const Jet &next, bool same, bool keeps) {
  if (same)
    equals[at] = equals[at] + next, ++counts[at];
  else if (!keeps)
    equals[at] = next, counts[at] = 1;
}

void HostScatter::finish() {
  for (size_t at = 0; at < counts.size(); ++at) {
    if (counts[at] == 1) continue;
    Jet shared = equals[at] / Jet(counts[at]);
    y.floats[at] = Jet(y.floats[at].v, shared.d1, shared.d2, shared.d12);
  }
}
