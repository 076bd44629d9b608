// conv and conv_transpose. A conv of one group in f32 is a convolution of linalg over the padded image with channels
// last, which later runs as a contraction whose rows are the image's windows. All else is one matrix product: the
// image's columns (image_columns.h) times the filter, seen as a matrix; groups are a batch of products. A kernel of one
// pixel at stride 1 is one as it stands. Filters of one channel (depthwise) are folded directly, in vectors over
// channels where each has one filter (folded_windows.h). The columns of a whole batch are made at once.
#include "dialects/graph/folded_windows.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/permuted.h"
#include "dialects/graph/row_major.h"
#include "dialects/graph/window_derivative.h"
#include "dialects/graph/window_fold.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc::graph;

namespace {
/// What an op of the two says, with its shapes.
struct Convolution {
  llvm::StringRef mnemonic;
  bool transposed;
  WindowAttributes attributes;
  OptionalInts outputPadding;
  int64_t groups;
  llvm::StringRef layout;
};

/// The same after checking.
struct Geometry {
  ImageLayout layout;
  SpatialWindow window;
  Dim batch, channels, filters; // of x and of y
  int64_t groups;
  Dim weightChannels, weightFilters;
  bool transposed;
};

template <class Op> Convolution convolutionOf(Op op) {
  Convolution c{"conv",        false, {op.getStride(), op.getDilation(), op.getPadding()}, {}, int64_t(op.getGroups()),
                op.getLayout()};
  return c;
}
Convolution describe(ConvOp op) { return convolutionOf(op); }
Convolution describe(ConvOp::Adaptor op) { return convolutionOf(op); }
template <class Op> Convolution transposedOf(Op op) {
  Convolution c = convolutionOf(op);
  c.mnemonic = "conv_transpose";
  c.transposed = true;
  c.outputPadding = op.getOutputPadding();
  return c;
}
Convolution describe(ConvTransposeOp op) { return transposedOf(op); }
Convolution describe(ConvTransposeOp::Adaptor op) { return transposedOf(op); }

LogicalResult checkChannels(std::optional<Location> location, const Geometry &g) {
  SmallVector<About> about{About::theOperand(1), About::theOperand(0)};
  if (g.groups < 1 || g.groups >= int64_t(1) << 31)
    return shapeError(location, "G2001", About::theAttribute("groups"),
                      "'groups' must be at least 1 and below 2^31, it is " + Twine(g.groups));
  std::string shared = g.groups == 1 ? "" : " in " + std::to_string(g.groups) + " groups";
  Dim wanted = g.transposed ? g.channels : g.weightChannels * Dim(g.groups);
  if (g.transposed ? g.channels != g.weightChannels : g.channels != wanted)
    return shapeError(location, "G3003", about,
                      "'x' has " + g.channels.text() + " channels" + shared + ", 'weight' expects " +
                          (g.transposed ? g.weightChannels : wanted).text() + " (layout '" +
                          (g.layout.channelsFirst ? "nchw" : "nhwc") + "')");
  const Dim &divided = g.transposed ? g.channels : g.weightFilters;
  if (divided.exactDiv(g.groups)) return success();
  return shapeError(location, "G3003", {About::theAttribute("groups"), About::theOperand(1)},
                    Twine(g.groups) + " groups do not divide " + divided.text() +
                        (g.transposed ? " channels" : " filters"));
}

FailureOr<Geometry> geometry(std::optional<Location> location, const Convolution &c, ArrayRef<Dim> x,
                             ArrayRef<Dim> weight) {
  auto layout = imageLayout(location, c.mnemonic, c.layout, x.size());
  if (failed(layout)) return failure();
  if (weight.size() != x.size())
    return shapeError(location, "G3008", {About::theOperand(1), About::theOperand(0)},
                      "'weight' has " + Twine(weight.size()) + " axes, for 'x' of " + Twine(x.size()) +
                          " axes it needs as many: the kernel's, channels and filters");
  SmallVector<int64_t> kernel;
  for (const Dim &size : weight.take_front(layout->spatialRank)) {
    if (!size.isStatic() || size.is(0))
      return shapeError(location, "G3004", About::theOperand(1),
                        "the kernel must be numbers of at least 1, it has " + size.text());
    kernel.push_back(size.staticValue());
  }
  Shape in = layout->spatial(x);
  auto window = c.transposed ? transposedWindow(location, in, kernel, c.attributes, c.outputPadding)
                             : spatialWindow(location, in, kernel, c.attributes);
  if (failed(window)) return failure();
  Geometry g{*layout,       *window,     x[0], x[layout->channelAxis()], Dim(), c.groups, weight[weight.size() - 2],
             weight.back(), c.transposed};
  if (failed(checkChannels(location, g))) return failure();
  g.filters = c.transposed ? g.weightFilters * Dim(g.groups) : g.weightFilters;
  return g;
}

LogicalResult inferConvolution(MLIRContext *context, std::optional<Location> location, const Convolution &c,
                               ValueRange operands, SmallVectorImpl<Type> &types) {
  auto in = operandTypes(location, c.mnemonic, operands, numberDtypes);
  if (failed(in)) return failure();
  auto g = geometry(location, c, shapeOf((*in)[0]), shapeOf((*in)[1]));
  if (failed(g)) return failure();
  Type element = (*in)[0].getElementType();
  if (dtypeOf(element) == Dtype::I8) element = elementType(context, Dtype::I32);
  return addResultType(location, g->layout.image(g->batch, g->window.out, g->filters), element,
                       {About::theOperand(0), About::theOperand(1)}, types);
}

/// Filters as matrices [groups, kernel * channels, filters] of one group; one group: without the first axis.
Value filterMatrix(Lowering &l, const Geometry &g, Dim taps, Dim channels, Dim filters) {
  Value weight = l.in[1];
  Shape shape = l.operandShape(1);
  Dim rows = taps * channels;
  if (g.groups == 1) return l.reshape(weight, shape, {rows, filters});
  // [taps, groups, channels, filters] or [taps, channels, groups, filters]
  Shape cut{taps, g.transposed ? Dim(g.groups) : channels, g.transposed ? channels : Dim(g.groups), filters};
  weight = l.reshape(weight, shape, cut);
  SmallVector<int64_t> perm = g.transposed ? SmallVector<int64_t>{1, 0, 2, 3} : SmallVector<int64_t>{2, 0, 1, 3};
  weight = permuted(l, weight, cut, perm);
  return l.reshape(weight, {Dim(g.groups), taps, channels, filters}, {Dim(g.groups), rows, filters});
}

/// A kernel of one pixel at stride 1 without padding: the pixels are rows as they stand.
bool isPointwise(const Geometry &g) {
  const SpatialWindow &window = g.window;
  auto all = [](ArrayRef<int64_t> list, int64_t value) {
    return llvm::all_of(list, [&](int64_t x) { return x == value; });
  };
  return elementCount(window.kernelShape()).is(1) && window.in == window.out && all(window.stride, 1) &&
         all(window.low, 0);
}

/// The shape of an image with channels last.
Shape lastShape(const Geometry &g, ArrayRef<Dim> spatial, Dim channels) {
  return ImageLayout{/*channelsFirst=*/false, g.layout.spatialRank}.image(g.batch, spatial, channels);
}
/// x with channels last.
Value channelsLast(Lowering &l, const Geometry &g) {
  Shape shape = l.operandShape(0);
  return g.layout.channelsFirst ? permuted(l, l.in[0], shape, channelsLastPerm(shape.size())) : l.in[0];
}

/// As linalg's convolution; [batch, out..., filters].
Value convolved(Lowering &l, const Geometry &g) {
  Value image = paddedImage(l, channelsLast(l, g), g.batch, g.window.in, g.window.low, g.window.high, g.channels,
                            l.getF32FloatAttr(0));
  Shape made = lastShape(g, g.window.out, g.filters);
  Value init = l.filled(made, l.getF32FloatAttr(0));
  auto strides = l.getI64TensorAttr(g.window.stride), dilations = l.getI64TensorAttr(g.window.dilation);
  auto create = [&](auto op) -> Value {
    return l.create<decltype(op)>(init.getType(), ValueRange{image, l.in[1]}, ValueRange{init}, strides, dilations)
        .getResult(0);
  };
  if (g.layout.spatialRank == 1) return create(linalg::Conv1DNwcWcfOp());
  return g.layout.spatialRank == 2 ? create(linalg::Conv2DNhwcHwcfOp()) : create(linalg::Conv3DNdhwcDhwcfOp());
}

Value multiplied(Lowering &l, const Geometry &g, Dtype dtype) {
  Dim channels = g.channels.floorDiv(g.groups), filters = *g.filters.exactDiv(g.groups);
  Dim taps = elementCount(g.window.kernelShape()), rows = g.batch * elementCount(g.window.out);
  bool pointwise = g.groups == 1 && !g.transposed && isPointwise(g);
  Value left = pointwise ? l.reshape(channelsLast(l, g), lastShape(g, g.window.in, g.channels), {rows, channels})
                         : imageColumns(l, l.in[0], g.layout, l.operandShape(0), g.window, g.groups, g.transposed);
  Value right = filterMatrix(l, g, taps, channels, filters);
  TypedAttr zero = l.getZeroAttr(l.computeType(dtype));
  if (g.groups == 1) {
    Shape made{rows, filters};
    Value y = l.create<linalg::MatmulOp>(ValueRange{left, right}, ValueRange{l.filled(made, zero)}).getResult(0);
    return l.tensorToStored(y, made, dtype);
  }
  Shape made{Dim(g.groups), rows, filters};
  Value y = l.create<linalg::BatchMatmulOp>(ValueRange{left, right}, ValueRange{l.filled(made, zero)}).getResult(0);
  y = permuted(l, l.tensorToStored(y, made, dtype), made, {1, 0, 2});
  return l.reshape(y, {rows, Dim(g.groups), filters}, {rows, g.filters});
}

/// The sum and a product of integers, which may be narrower than the sum.
Value addProduct(ImplicitLocOpBuilder &b, Value sum, Value x, Value weight) {
  if (x.getType() != sum.getType()) {
    x = b.create<arith::ExtSIOp>(sum.getType(), x);
    weight = b.create<arith::ExtSIOp>(sum.getType(), weight);
  }
  return b.create<arith::AddIOp>(sum, b.create<arith::MulIOp>(x, weight));
}

Value lowerFolded(Lowering &l, const Geometry &g, Dtype dtype) {
  WindowFold fold;
  fold.filter = l.in[1];
  fold.filterDtype = l.operandDtype(1);
  fold.multiplier = g.filters.exactDiv(g.groups)->staticValue();
  fold.transposed = g.transposed;
  fold.zerosOutside = true;
  Type sum = l.computeType(dtype);
  auto init = [&](LoopWriter &w) -> Value { return w.create<arith::ConstantOp>(w.getZeroAttr(sum)); };
  auto step = [&](LoopWriter &w, Value y, Value x, Value other) -> Value {
    if (isFloat(dtype)) return w.create<arith::AddFOp>(y, w.create<arith::MulFOp>(x, other));
    return addProduct(w, y, x, other);
  };
  fold.init = init;
  fold.step = step;
  return foldWindows(l, g.layout, g.window, fold);
}

/// One filter per channel; [batch, out..., channels].
Value depthwise(Lowering &l, const Geometry &g, Dtype dtype) {
  Shape filter = g.window.kernelShape();
  filter.push_back(g.channels);
  Type element = l.plainElement(l.operandDtype(0)), sum = l.computeType(dtype);
  WindowsToFold windows{
      channelsLast(l, g),     g.batch,           g.channels, g.window, l.reshape(l.in[1], l.operandShape(1), filter),
      l.getZeroAttr(element), l.getZeroAttr(sum)};
  Value y = foldedWindows(l, windows, [&](ImplicitLocOpBuilder &b, ValueRange in) -> Value {
    Value x = Lowering::toCompute(b, in[1], l.operandDtype(0)),
          weight = Lowering::toCompute(b, in[2], l.operandDtype(1));
    if (isFloat(dtype)) return b.create<math::FmaOp>(x, weight, in[0]);
    return addProduct(b, in[0], x, weight);
  });
  return l.tensorToStored(y, lastShape(g, g.window.out, g.filters), dtype);
}

template <class Op> FailureOr<SmallVector<Value>> lowerConvolution(Op op, Lowering &l) {
  Geometry g = *geometry(std::nullopt, describe(op), l.operandShape(0), l.operandShape(1));
  Dtype dtype = l.resultDtype();
  Dim ofGroup = g.channels.floorDiv(g.groups), filters = *g.filters.exactDiv(g.groups);
  bool isDepthwise = ofGroup.is(1) && g.groups > 1 && filters.isStatic();
  bool inVectors = isDepthwise && filters.is(1) && !g.transposed && canFold(g.window);
  if (isDepthwise && !inVectors) return SmallVector<Value>{lowerFolded(l, g, dtype)};
  Shape last = lastShape(g, g.window.out, g.filters);
  bool direct = dtype == Dtype::F32 && g.groups == 1 && !g.transposed && !isPointwise(g);
  Value y;
  if (inVectors)
    y = depthwise(l, g, dtype);
  else if (direct)
    y = convolved(l, g);
  else
    y = l.reshape(multiplied(l, g, dtype), {last.front() * elementCount(g.window.out), g.filters}, last);
  if (!g.layout.channelsFirst) return SmallVector<Value>{y};
  return SmallVector<Value>{permuted(l, y, last, inverse(channelsLastPerm(last.size())))};
}

SmallVector<int64_t> imageIndex(const ImageLayout &layout, int64_t n, ArrayRef<int64_t> at, int64_t channel) {
  SmallVector<int64_t> index{n};
  if (layout.channelsFirst) index.push_back(channel);
  index.append(at.begin(), at.end());
  if (!layout.channelsFirst) index.push_back(channel);
  return index;
}

/// Position along axis i of x that the window reaches, or -1 for a zero.
int64_t reached(const SpatialWindow &window, unsigned i, int64_t at, int64_t tap, bool transposed) {
  int64_t in = window.in[i].staticValue(), position;
  if (transposed) {
    int64_t distance = at + window.low[i] - tap * window.dilation[i];
    if (distance < 0 || distance % window.stride[i] != 0) return -1;
    position = distance / window.stride[i];
  } else {
    position = at * window.stride[i] + tap * window.dilation[i] - window.low[i];
  }
  return position < 0 || position >= in ? -1 : position;
}

template <class Op> LogicalResult evaluateConvolution(Op op, ArrayRef<HostTensor> operands, HostTensor &y) {
  const HostTensor &x = operands[0], &weight = operands[1];
  auto checked = geometry(std::nullopt, describe(op), Shape(x.shape.begin(), x.shape.end()),
                          Shape(weight.shape.begin(), weight.shape.end()));
  if (failed(checked)) return failure();
  const Geometry &g = *checked;
  unsigned axes = g.layout.spatialRank;
  int64_t channels = g.channels.staticValue() / g.groups, filters = g.filters.staticValue() / g.groups;
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    int64_t f = index[g.layout.channelAxis()], group = f / std::max<int64_t>(filters, 1);
    ArrayRef<int64_t> at = index.slice(g.layout.spatialAxis(0), axes);
    Jet sum;
    uint64_t whole = 0;
    forEachIndex(g.window.kernel, [&](ArrayRef<int64_t> tap) {
      SmallVector<int64_t> position;
      for (unsigned i = 0; i < axes; ++i) position.push_back(reached(g.window, i, at[i], tap[i], g.transposed));
      bool inside = !llvm::is_contained(position, -1);
      for (int64_t c = 0; c < channels; ++c) {
        SmallVector<int64_t> weightIndex(tap);
        weightIndex.push_back(g.transposed ? group * channels + c : c);
        weightIndex.push_back(g.transposed ? f % filters : f);
        Number right = elementAt(weight, flatIndex(weightIndex, weight.shape)), left;
        if (inside)
          left = elementAt(x, flatIndex(imageIndex(g.layout, index[0], position, group * channels + c), x.shape));
        if (right.isReal())
          sum = sum + left.real * right.real;
        else
          whole += uint64_t(left.integer) * uint64_t(right.integer);
      }
    });
    int64_t to = flatIndex(index, y.shape);
    if (isFloat(y.dtype))
      y.floats[to] = sum;
    else
      y.integers[to] = int64_t(whole);
  });
  return success();
}

/// Two per multiply-add, zeros of the padding among them.
template <class Op> Dim countFlops(Op op) {
  auto shape = [](Value v) { return shapeOf(cast<RankedTensorType>(v.getType())); };
  auto g = geometry(std::nullopt, describe(op), shape(op.getX()), shape(op.getWeight()));
  if (failed(g)) return 0;
  return Dim(2) * elementCount(shape(op.getY())) * elementCount(g->window.kernelShape()) *
         g->channels.floorDiv(g->groups);
}
} // namespace

LogicalResult ConvOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  return inferConvolution(context, location, describe(adaptor), adaptor.getOperands(), types);
}
FailureOr<SmallVector<Value>> ConvOp::lower(Lowering &l) { return lowerConvolution(*this, l); }
LogicalResult ConvOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateConvolution(*this, operands, results[0]);
}
Dim ConvOp::flops() { return countFlops(*this); }

Value ConvOp::transpose(RuleBuilder &b, unsigned i, ValueRange ct) {
  Geometry g = *geometry(std::nullopt, describe(*this), shapeOf(getX()), shapeOf(getWeight()));
  if (i == 0) return imageGradient(b, ct[0], swapLast(b, getWeight()), g.window, g.layout, g.groups);
  return filterGradient(b, getX(), ct[0], g.window, g.layout, g.groups);
}

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  return inferConvolution(context, location, describe(adaptor), adaptor.getOperands(), types);
}
FailureOr<SmallVector<Value>> ConvTransposeOp::lower(Lowering &l) { return lowerConvolution(*this, l); }
LogicalResult ConvTransposeOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluateConvolution(*this, operands, results[0]);
}
Dim ConvTransposeOp::flops() { return countFlops(*this); }

Value ConvTransposeOp::transpose(RuleBuilder &b, unsigned i, ValueRange ct) {
  Geometry g = *geometry(std::nullopt, describe(*this), shapeOf(getX()), shapeOf(getWeight()));
  SpatialWindow window = g.window; // of the convolution that takes ct's sizes to x's
  std::swap(window.in, window.out);
  if (i == 1) return swapLast(b, filterGradient(b, ct[0], getX(), window, g.layout, g.groups));
  SmallVector<int64_t> padding, more; // where the last window would not fit: zeros
  for (unsigned axis = 0; axis < window.kernel.size(); ++axis) {
    Dim room = window.in[axis] + Dim(window.low[axis] + window.high[axis] - window.extent(axis));
    Dim missing = (window.out[axis] - Dim(1)) * Dim(window.stride[axis]) - room;
    int64_t spare = missing.isStatic() ? std::max<int64_t>(missing.staticValue(), 0) : 0;
    padding.append({window.low[axis], window.high[axis] + spare});
  }
  Value image =
      b.op<ConvOp>({ct[0], swapLast(b, getWeight())},
                   {b.ints("stride", window.stride), b.ints("dilation", window.dilation), b.ints("padding", padding),
                    b.integer("groups", g.groups), b.word("layout", getLayout())});
  for (unsigned axis = 0; axis < window.kernel.size(); ++axis)
    image = b.strided(image, g.layout.spatialAxis(axis), 0, window.out[axis], 1);
  return image;
}
