// folded_windows.h. Loops are named (batch, out..., channels, kernel...) in this order; the kernel's sizes come from
// the filter or, without one, from a tensor that nobody reads, as in linalg's pooling ops.
#include "dialects/graph/folded_windows.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace graphc::graph {

// A step per element of a kernel's row is written out in the code.
bool canFold(const SpatialWindow &window) {
  constexpr int64_t longestRow = 16;
  return window.kernel.back() <= longestRow;
}

/// How far the windows reach behind the image; with dims that are known by name alone the most that it can be.
static int64_t paddingBehind(const SpatialWindow &w, unsigned axis) {
  Dim behind = (w.out[axis] - Dim(1)) * Dim(w.stride[axis]) + Dim(w.extent(axis) - w.low[axis]) - w.in[axis];
  return behind.isStatic() ? std::max<int64_t>(behind.staticValue(), 0) : w.high[axis] + w.stride[axis] - 1;
}

Value paddedImage(Lowering &l, Value image, const Dim &batch, ArrayRef<Dim> in, ArrayRef<int64_t> low,
                  ArrayRef<int64_t> high, const Dim &channels, TypedAttr value) {
  SmallVector<OpFoldResult> before{l.getIndexAttr(0)}, behind{l.getIndexAttr(0)};
  Shape shape{batch};
  bool any = false;
  for (auto [size, front, back] : llvm::zip_equal(in, low, high)) {
    any |= front || back;
    before.push_back(l.getIndexAttr(front));
    behind.push_back(l.getIndexAttr(back));
    shape.push_back(size + Dim(front + back));
  }
  if (!any) return image;
  before.push_back(l.getIndexAttr(0));
  behind.push_back(l.getIndexAttr(0));
  shape.push_back(channels);
  Value outside = l.create<arith::ConstantOp>(value);
  return l.create<tensor::PadOp>(l.plainType(shape, value.getType()), image, before, behind, outside);
}

static Value padded(Lowering &l, const WindowsToFold &f) {
  SmallVector<int64_t> behind;
  for (unsigned i = 0; i < f.window.in.size(); ++i) behind.push_back(paddingBehind(f.window, i));
  return paddedImage(l, f.image, f.batch, f.window.in, f.window.low, behind, f.channels, f.padding);
}

Value foldedWindows(Lowering &l, const WindowsToFold &f,
                    llvm::function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> step) {
  const SpatialWindow &w = f.window;
  unsigned axes = w.in.size(), loops = 2 + 2 * axes;
  auto dim = [&](unsigned i) { return l.getAffineDimExpr(i); };
  AffineExpr channel = dim(axes + 1);
  SmallVector<AffineExpr> image{dim(0)}, kernel, result{dim(0)};
  Shape made{f.batch};
  for (unsigned i = 0; i < axes; ++i) {
    AffineExpr out = dim(1 + i), tap = dim(2 + axes + i);
    image.push_back(out * w.stride[i] + tap * w.dilation[i]);
    kernel.push_back(tap);
    result.push_back(out);
    made.push_back(w.out[i]);
  }
  image.push_back(channel);
  if (f.filter) kernel.push_back(channel);
  result.push_back(channel);
  made.push_back(f.channels);
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> exprs : {ArrayRef(image), ArrayRef(kernel), ArrayRef(result)})
    maps.push_back(AffineMap::get(loops, 0, exprs, l.getContext()));
  SmallVector<utils::IteratorType> kinds(2 + axes, utils::IteratorType::parallel);
  kinds.append(axes, utils::IteratorType::reduction);
  Value window = f.filter ? f.filter : l.empty(w.kernelShape(), f.padding.getType()), init = l.filled(made, f.init);
  auto generic =
      l.create<linalg::GenericOp>(TypeRange{init.getType()}, ValueRange{padded(l, f), window}, ValueRange{init}, maps,
                                  kinds, [&](OpBuilder &b, Location location, ValueRange scalars) {
                                    ImplicitLocOpBuilder inner(location, b);
                                    SmallVector<Value> arguments{scalars[2], scalars[0]};
                                    if (f.filter) arguments.push_back(scalars[1]);
                                    inner.create<linalg::YieldOp>(step(inner, arguments));
                                  });
  return generic.getResult(0);
}

} // namespace graphc::graph
