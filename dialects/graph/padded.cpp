// padded.h. One graph.loops: outer positions are mapped one by one, along the last axis the middle is one copy. Axes
// that are not padded join their neighbours.
#include "dialects/graph/padded.h"
#include "dialects/graph/loop_writer.h"

using namespace mlir;

namespace graphc::graph {
namespace {
/// One axis of the lowered form: its size, and what is put around it, in elements.
struct PaddedAxis {
  Dim size, low, high, run; // run: elements per step, more than 1 where axes inside were joined to it
  bool padded() const { return !low.is(0) || !high.is(0); }
};
} // namespace

/// Neighbouring axes as one wherever the inner one is not padded.
static SmallVector<PaddedAxis> merged(ArrayRef<Dim> x, ArrayRef<PaddedSide> sides) {
  SmallVector<PaddedAxis> axes; // innermost first
  for (int64_t k = int64_t(x.size()) - 1; k >= 0; --k) {
    PaddedAxis axis{x[k], Dim(sides[k].low), Dim(sides[k].high), Dim(1)};
    if (!axes.empty() && !axes.back().padded()) {
      Dim inner = axes.back().size;
      axes.back() = {axis.size * inner, axis.low * inner, axis.high * inner, inner};
    } else {
      axes.push_back(axis);
    }
  }
  if (axes.empty()) axes.push_back({Dim(1), Dim(0), Dim(0), Dim(1)});
  std::reverse(axes.begin(), axes.end());
  return axes;
}

namespace {
/// Writes the loops: sizes are (size, low, size of the result, run) per axis. Modes move by whole runs.
class PadLoops {
public:
  PadLoops(LoopWriter &w, StringRef mode, TypedAttr value) : w(w), mode(mode), value(value) {}

  void write(unsigned rank) {
    LoopWriter::Values totals;
    for (unsigned k = 0; k < rank; ++k) totals.push_back(w.size(4 * k + 2));
    w.nest(ValueRange(totals).drop_back(), [&](ValueRange i) {
      Value to = w.index(0), from = w.index(0), inside;
      for (unsigned k = 0; k + 1 < rank; ++k) {
        to = w.add(w.mul(to, totals[k]), i[k]);
        Value here, position = source(k, i[k], here);
        from = w.add(w.mul(from, w.size(4 * k)), position);
        inside = inside ? w.both(inside, here) : here;
      }
      row(rank - 1, w.mul(to, totals.back()), w.mul(from, w.size(4 * (rank - 1))), inside);
    });
  }

private:
  bool constant() const { return mode == "constant"; }
  Value fill() { return w.create<arith::ConstantOp>(value); }

  /// Where axis k of x is read for position i of y; `here`: it exists. In 0..size-1 unless x is empty.
  Value source(unsigned k, Value i, Value &here) {
    Value size = w.size(4 * k), low = w.size(4 * k + 1), run = w.size(4 * k + 3), p = w.sub(i, low), zero = w.index(0);
    here = w.both(w.create<arith::CmpIOp>(arith::CmpIPredicate::sge, p, zero), w.less(p, size));
    if (constant()) return w.clamp(p, size);
    // p = unit * run + rest (low is a number of runs); then unit goes by the mode.
    Value unit = w.sub(w.div(i, run), w.create<arith::DivSIOp>(low, run)), rest = w.rem(i, run);
    Value units = w.div(size, run);
    Value last = w.sub(units, w.index(1));
    if (mode == "reflect") {
      unit = w.select(w.less(unit, zero), w.sub(zero, unit), unit);
      unit = w.select(w.less(last, unit), w.sub(w.add(last, last), unit), unit);
    } else if (mode == "wrap") {
      Value turned = w.create<arith::RemSIOp>(unit, units);
      unit = w.select(w.less(turned, zero), w.add(turned, units), turned);
    }
    here = w.create<arith::ConstantOp>(w.getBoolAttr(true));
    return w.add(w.mul(w.clamp(unit, units), run), rest);
  }

  /// The last axis: border, copy, border. `inside`: the outer positions exist in x (null: always).
  void row(unsigned k, Value to, Value from, Value inside) {
    Value size = w.size(4 * k), low = w.size(4 * k + 1), total = w.size(4 * k + 2), zero = w.index(0);
    Value begin = w.min(w.max(low, zero), total), end = w.max(begin, w.min(w.add(low, size), total));
    auto border = [&](Value first, Value beyond) {
      w.loop(first, beyond, [&](Value j) {
        if (constant()) return w.store(fill(), w.out(0), w.add(to, j));
        Value here, position = source(k, j, here);
        w.store(w.load(w.in(0), w.add(from, position)), w.out(0), w.add(to, j));
      });
    };
    auto whole = [&] {
      border(zero, begin);
      Value shifted = w.sub(from, low);
      w.loop(begin, end, [&](Value j) { w.store(w.load(w.in(0), w.add(shifted, j)), w.out(0), w.add(to, j)); });
      border(end, total);
    };
    if (!inside || !constant()) return whole();
    w.when(inside, whole, [&] { border(zero, total); });
  }

  LoopWriter &w;
  StringRef mode;
  TypedAttr value;
};
} // namespace

Value padded(Lowering &l, Value tensor, llvm::ArrayRef<Dim> shape, llvm::ArrayRef<PaddedSide> sides,
             llvm::StringRef mode, TypedAttr value) {
  SmallVector<PaddedAxis> axes = merged(shape, sides);
  if (axes.size() == 1 && !axes[0].padded()) return tensor;
  Shape sizes, made;
  for (const PaddedAxis &axis : axes) sizes.append({axis.size, axis.low, axis.size + axis.low + axis.high, axis.run});
  for (auto [size, side] : llvm::zip_equal(shape, sides)) made.push_back(size + Dim(side.low) + Dim(side.high));
  LoopWriter w(l, tensor, sizes, LoopWriter::Out{made, value.getType()});
  PadLoops(w, mode, value).write(axes.size());
  return w.results()[0];
}

} // namespace graphc::graph
