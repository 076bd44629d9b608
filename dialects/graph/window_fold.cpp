// window_fold.h.
#include "dialects/graph/window_fold.h"

using namespace mlir;

namespace graphc::graph {
namespace {

struct FoldWriter {
  LoopWriter &w;
  const WindowFold &fold;
  const ImageLayout &layout;
  Dtype from, to;
  Value batch, channels, resultChannels, multiplier;
  Type plain; // element of the image
  Value pixels = nullptr, outPixels = nullptr;
  LoopWriter::Values out = {}, kernel = {}, window = {}, high = {}, inStrides = {}, outStrides = {}, kernelStrides = {};

  /// Whether this position counts: inside, or in the padding too.
  Value counts(ValueRange at, ValueRange tap, Value inside) {
    if (!fold.countPadding) return inside;
    size_t axes = at.size();
    Value result;
    for (size_t i = 0; i < axes; ++i) {
      Value position =
          w.sub(w.add(w.mul(at[i], window[axes + i]), w.mul(tap[i], window[2 * axes + i])), window[3 * axes + i]);
      Value one = w.less(position, w.add(window[i], high[i]));
      result = i ? w.both(result, one) : one;
    }
    return result;
  }
  Value counted(Value count, ValueRange at, ValueRange tap, Value inside) {
    return w.add(count, w.select(counts(at, tap, inside), w.index(1), w.index(0)));
  }
  Value xAt(Value n, Value pixel, Value channel) {
    if (layout.channelsFirst) return w.add(w.mul(w.add(w.mul(n, channels), channel), pixels), pixel);
    return w.add(w.mul(w.add(w.mul(n, pixels), pixel), channels), channel);
  }
  Value yAt(Value n, Value pixel, Value channel) {
    if (layout.channelsFirst) return w.add(w.mul(w.add(w.mul(n, resultChannels), channel), outPixels), pixel);
    return w.add(w.mul(w.add(w.mul(n, outPixels), pixel), resultChannels), channel);
  }
  Value channelOf(Value f) { return fold.multiplier == 1 ? f : w.div(f, multiplier); }
  Value step(Value sum, Value x, Value tap, Value f) {
    Value other;
    if (fold.filter) other = w.loadComputed(w.in(1), w.add(w.mul(tap, resultChannels), f), fold.filterDtype);
    return fold.step(w, sum, x, other);
  }
  Value zero() { return w.create<arith::ConstantOp>(w.getZeroAttr(computeType(from))); }
  Type computeType(Dtype dtype) { return dtype == Dtype::F16 || dtype == Dtype::BF16 ? Type(w.getF32Type()) : plain; }

  /// The sum carried through the window.
  void carried(ValueRange i) {
    size_t axes = out.size();
    Value n = i[0], f = layout.channelsFirst ? i[1] : i.back();
    ValueRange at = i.slice(layout.channelsFirst ? 2 : 1, axes);
    LoopWriter::Values folded =
        w.nest(kernel, {fold.init(w), w.index(0)}, [&](ValueRange tap, ValueRange sums) -> LoopWriter::Values {
          WindowPosition position = windowPosition(w, window, at, tap, fold.transposed);
          Value tapIndex = w.dot(tap, kernelStrides), count = counted(sums[1], at, tap, position.inside);
          Value address = xAt(n, w.dot(position.position, inStrides), channelOf(f));
          Value sum = w.choose(
              position.inside,
              [&]() -> LoopWriter::Values {
                return {step(sums[0], w.loadComputed(w.in(0), address, from), tapIndex, f)};
              },
              [&]() -> LoopWriter::Values {
                return {fold.zerosOutside ? step(sums[0], zero(), tapIndex, f) : sums[0]};
              })[0];
          return {sum, count};
        });
    Value y = fold.finish ? fold.finish(w, folded[0], folded[1]) : folded[0];
    w.storeComputed(y, w.out(0), yAt(n, w.dot(at, outStrides), f), to);
  }

  /// All channels of one pixel side by side, their sums in the result's memory.
  void sideBySide(ValueRange i) {
    Value n = i[0], zeroIndex = w.index(0);
    ValueRange at = i.drop_front(1);
    Value first = yAt(n, w.dot(at, outStrides), zeroIndex);
    auto each = [&](llvm::function_ref<Value(Value sum, Value f)> next) {
      w.loop(zeroIndex, resultChannels, [&](Value f) {
        Value address = w.add(first, f);
        w.store(next(w.load(w.out(0), address), f), w.out(0), address);
      });
    };
    Value init = fold.init(w);
    w.loop(zeroIndex, resultChannels, [&](Value f) { w.store(init, w.out(0), w.add(first, f)); });
    Value count = w.nest(kernel, {zeroIndex}, [&](ValueRange tap, ValueRange before) -> LoopWriter::Values {
      WindowPosition position = windowPosition(w, window, at, tap, fold.transposed);
      Value tapIndex = w.dot(tap, kernelStrides), start = xAt(n, w.dot(position.position, inStrides), zeroIndex);
      auto seen = [&] {
        each([&](Value sum, Value f) {
          return step(sum, w.loadComputed(w.in(0), w.add(start, channelOf(f)), from), tapIndex, f);
        });
      };
      if (fold.zerosOutside)
        w.when(position.inside, seen,
               [&] { each([&](Value sum, Value f) { return step(sum, zero(), tapIndex, f); }); });
      else
        w.when(position.inside, seen);
      return {counted(before[0], at, tap, position.inside)};
    })[0];
    if (fold.finish) each([&](Value sum, Value) { return fold.finish(w, sum, count); });
  }
};
} // namespace

Value foldWindows(Lowering &l, const ImageLayout &layout, const SpatialWindow &window, const WindowFold &fold) {
  unsigned axes = layout.spatialRank;
  Shape x = l.operandShape(0), y = l.resultShape();
  Dtype from = l.operandDtype(0), to = l.resultDtype();
  // Sizes: batch, channels, result channels, multiplier, out, kernel, window, high padding.
  Shape sizes{x[0], x[layout.channelAxis()], y[layout.channelAxis()], Dim(fold.multiplier)};
  sizes.append(window.out);
  sizes.append(window.kernelShape());
  sizes.append(windowSizes(window));
  sizes.append(window.high.begin(), window.high.end());
  SmallVector<Value> ins{l.in[0]};
  if (fold.filter) ins.push_back(fold.filter);
  Type element = l.plainElement(to);
  bool inMemory = !layout.channelsFirst && l.computeType(to) == element;
  LoopWriter w(l, ins, sizes, LoopWriter::Out{y, element});
  FoldWriter f{w, fold, layout, from, to, w.size(0), w.size(1), w.size(2), w.size(3), l.plainElement(from)};
  f.out = w.sizes(4, axes);
  f.kernel = w.sizes(4 + axes, axes);
  f.window = w.sizes(4 + 2 * axes, 4 * axes);
  f.high = w.sizes(4 + 6 * axes, axes);
  ValueRange in = ValueRange(f.window).take_front(axes);
  f.inStrides = w.strides(in);
  f.outStrides = w.strides(f.out);
  f.kernelStrides = w.strides(f.kernel);
  f.pixels = f.outPixels = w.index(1);
  for (unsigned i = 0; i < axes; ++i) {
    f.pixels = w.mul(f.pixels, in[i]);
    f.outPixels = w.mul(f.outPixels, f.out[i]);
  }
  LoopWriter::Values outer{f.batch};
  if (layout.channelsFirst) outer.push_back(f.resultChannels);
  outer.append(f.out);
  if (!layout.channelsFirst && !inMemory) outer.push_back(f.resultChannels);
  w.nest(outer, [&](ValueRange i) { inMemory ? f.sideBySide(i) : f.carried(i); });
  return w.results()[0];
}

} // namespace graphc::graph
