// padded_image.h. Rows of the image are runs of memory: zeros, a copy, zeros. An image with channels first is turned on
// the way, so that it is read once.
#include "dialects/graph/padded_image.h"
#include "dialects/graph/permuted.h"

using namespace mlir;

namespace graphc::graph {

Shape paddedSizes(const SpatialWindow &window) {
  Shape sizes;
  for (size_t i = 0; i < window.in.size(); ++i)
    sizes.push_back(window.in[i] + Dim(window.low[i]) + Dim(window.high[i]));
  return sizes;
}

Value paddedImage(Lowering &l, Value image, const ImageLayout &layout, llvm::ArrayRef<Dim> shape,
                  const SpatialWindow &window) {
  unsigned axes = layout.spatialRank;
  Dim batch = shape[0], channels = shape[layout.channelAxis()];
  Shape padded = paddedSizes(window);
  if (padded == window.in) {
    SmallVector<int64_t> perm{0};
    for (unsigned i = 0; i < axes; ++i) perm.push_back(layout.spatialAxis(i));
    perm.push_back(layout.channelAxis());
    return permuted(l, image, shape, perm);
  }
  Type element = getElementTypeOrSelf(image.getType());
  // Sizes: batch, channels, in, low, padded.
  Shape sizes{batch, channels}, made{batch};
  sizes.append(window.in);
  sizes.append(window.low.begin(), window.low.end());
  sizes.append(padded);
  made.append(padded);
  made.push_back(channels);
  LoopWriter w(l, image, sizes, LoopWriter::Out{made, element});
  Value c = w.size(1), zero = w.create<arith::ConstantOp>(w.getZeroAttr(element));
  LoopWriter::Values in = w.sizes(2, axes), low = w.sizes(2 + axes, axes), out = w.sizes(2 + 2 * axes, axes);
  LoopWriter::Values outer{w.size(0)};
  outer.append(out.begin(), out.end() - 1);
  Value width = in.back(), before = w.mul(low.back(), c), middle = w.add(before, w.mul(width, c)),
        all = w.mul(out.back(), c);
  auto clear = [&](Value to, Value from, Value end) {
    w.loop(from, end, [&](Value i) { w.store(zero, w.out(0), w.add(to, i)); });
  };
  w.nest(outer, [&](ValueRange i) { // batch and all spatial axes but the last
    Value to = i[0], from = i[0], inside = w.less(w.index(-1), w.index(0));
    for (unsigned axis = 0; axis + 1 < axes; ++axis) {
      Value position = w.sub(i[axis + 1], low[axis]);
      inside = w.both(inside, w.both(w.less(w.index(-1), position), w.less(position, in[axis])));
      to = w.add(w.mul(to, out[axis]), i[axis + 1]);
      if (layout.channelsFirst && axis == 0) from = w.mul(from, c);
      from = w.add(w.mul(from, in[axis]), position);
    }
    if (layout.channelsFirst && axes == 1) from = w.mul(from, c);
    to = w.mul(to, all);
    from = w.mul(from, layout.channelsFirst ? width : w.mul(width, c));
    w.when(
        inside,
        [&] {
          clear(to, w.index(0), before);
          Value start = w.add(to, before);
          if (layout.channelsFirst) {
            Value plane = w.index(1);
            for (Value size : in) plane = w.mul(plane, size);
            w.nest({width, c}, [&](ValueRange at) {
              Value x = w.load(w.in(0), w.add(w.add(from, at[0]), w.mul(at[1], plane)));
              w.store(x, w.out(0), w.add(start, w.add(w.mul(at[0], c), at[1])));
            });
          } else {
            w.loop(w.index(0), w.mul(width, c),
                   [&](Value at) { w.store(w.load(w.in(0), w.add(from, at)), w.out(0), w.add(start, at)); });
          }
          clear(to, middle, all);
        },
        [&] { clear(to, w.index(0), all); });
  });
  return w.results()[0];
}

} // namespace graphc::graph
