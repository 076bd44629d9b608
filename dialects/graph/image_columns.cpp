// image_columns.h. The innermost loop runs over the channels of one pixel: contiguous copies where channels are last.
#include "dialects/graph/image_columns.h"

using namespace mlir;

namespace graphc::graph {

Shape windowSizes(const SpatialWindow &window) {
  Shape sizes(window.in);
  for (llvm::ArrayRef<int64_t> list : {ArrayRef(window.stride), ArrayRef(window.dilation), ArrayRef(window.low)})
    sizes.append(list.begin(), list.end());
  return sizes;
}

WindowPosition windowPosition(LoopWriter &w, ValueRange sizes, ValueRange at, ValueRange tap, bool transposed) {
  WindowPosition result;
  size_t axes = at.size();
  for (size_t i = 0; i < axes; ++i) {
    Value in = sizes[i], stride = sizes[axes + i], dilation = sizes[2 * axes + i], low = sizes[3 * axes + i];
    Value reach = w.mul(tap[i], dilation), position, inside;
    if (transposed) { // position * stride - low + reach = at
      Value distance = w.sub(w.add(at[i], low), reach), whole = w.max(distance, w.index(0));
      position = w.div(whole, stride);
      inside = w.both(w.equal(w.mul(position, stride), distance), w.less(position, in));
    } else {
      position = w.sub(w.add(w.mul(at[i], stride), reach), low);
      inside = w.both(w.less(position, in), w.less(w.index(-1), position));
    }
    result.position.push_back(w.clamp(position, in));
    result.inside = i ? w.both(result.inside, inside) : inside;
  }
  return result;
}

Value imageColumns(Lowering &l, Value image, const ImageLayout &layout, llvm::ArrayRef<Dim> shape,
                   const SpatialWindow &window, int64_t groups, bool transposed) {
  unsigned axes = layout.spatialRank;
  Dim batch = shape[0], channels = shape[layout.channelAxis()].floorDiv(groups);
  Dim rows = batch * elementCount(window.out), columns = elementCount(window.kernelShape()) * channels;
  Type element = getElementTypeOrSelf(image.getType());
  Shape made{Dim(groups), rows, columns};
  // Sizes: groups, channels of one, batch, out, kernel, window.
  Shape sizes{Dim(groups), channels, batch};
  sizes.append(window.out);
  sizes.append(window.kernelShape());
  sizes.append(windowSizes(window));
  LoopWriter w(l, image, sizes, LoopWriter::Out{made, element});
  Value channelCount = w.size(1), perImage = w.mul(w.size(0), channelCount);
  auto out = w.sizes(3, axes), kernel = w.sizes(3 + axes, axes), windowValues = w.sizes(3 + 2 * axes, 4 * axes);
  LoopWriter::Values in(windowValues.begin(), windowValues.begin() + axes), outer{w.size(0), w.size(2)};
  Value pixels = w.index(1);
  for (Value size : in) pixels = w.mul(pixels, size);
  outer.append(out);
  LoopWriter::Values outerStrides = w.strides(outer), kernelStrides = w.strides(kernel), inStrides = w.strides(in);
  Value taps = w.index(1);
  for (Value size : kernel) taps = w.mul(taps, size);
  Value zero = w.create<arith::ConstantOp>(w.getZeroAttr(element));
  w.nest(outer, [&](ValueRange i) { // group, batch, out...
    Value row = w.dot(i, outerStrides), firstChannel = w.mul(i[0], channelCount);
    w.nest(kernel, [&](ValueRange tap) {
      WindowPosition from = windowPosition(w, windowValues, i.drop_front(2), tap, transposed);
      Value pixel = w.dot(from.position, inStrides), start, step;
      if (layout.channelsFirst) {
        start = w.add(w.mul(w.add(w.mul(i[1], perImage), firstChannel), pixels), pixel);
        step = pixels;
      } else {
        start = w.add(w.mul(w.add(w.mul(i[1], pixels), pixel), perImage), firstChannel);
        step = w.index(1);
      }
      Value to = w.mul(w.add(w.mul(row, taps), w.dot(tap, kernelStrides)), channelCount);
      w.when(
          from.inside,
          [&] {
            w.loop(w.index(0), channelCount,
                   [&](Value c) { w.store(w.load(w.in(0), w.add(start, w.mul(c, step))), w.out(0), w.add(to, c)); });
          },
          [&] { w.loop(w.index(0), channelCount, [&](Value c) { w.store(zero, w.out(0), w.add(to, c)); }); });
    });
  });
  Value matrix = w.results()[0];
  return groups == 1 ? l.reshape(matrix, made, {rows, columns}) : matrix;
}

} // namespace graphc::graph
