// Windows of an image folded channel by channel, with their elementwise epilogue. The image's padding is known to the
// kernel, so the padded image is never made.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/padding.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

namespace {
/// Per spatial axis.
struct Windows {
  SmallVector<int64_t> kernel, stride, dilation, low, high;
  bool filtered;
};

/// out * stride + tap * dilation, as the numbers; nullopt of another expression.
std::optional<std::pair<int64_t, int64_t>> stepsOf(AffineExpr e, unsigned out, unsigned tap) {
  auto sum = dyn_cast<AffineBinaryOpExpr>(e);
  if (!sum || sum.getKind() != AffineExprKind::Add) return std::nullopt;
  std::pair<int64_t, int64_t> steps{0, 0};
  for (AffineExpr term : {sum.getLHS(), sum.getRHS()}) {
    int64_t step = 1;
    if (auto product = dyn_cast<AffineBinaryOpExpr>(term); product && product.getKind() == AffineExprKind::Mul) {
      auto factor = dyn_cast<AffineConstantExpr>(product.getRHS());
      if (!factor) return std::nullopt;
      step = factor.getValue();
      term = product.getLHS();
    }
    auto dim = dyn_cast<AffineDimExpr>(term);
    if (!dim || (dim.getPosition() != out && dim.getPosition() != tap)) return std::nullopt;
    (dim.getPosition() == out ? steps.first : steps.second) = step;
  }
  return steps.first > 0 && steps.second > 0 ? std::optional(steps) : std::nullopt;
}

/// Of loops (batch, out..., channels, kernel...); nullopt if the op is something else.
std::optional<Windows> windowsOf(Operation *op) {
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic || !generic.hasPureTensorSemantics() || generic.getNumDpsInputs() != 2 || generic.getNumResults() != 1)
    return std::nullopt;
  unsigned axes = generic.getNumReductionLoops(), loops = generic.getNumLoops();
  if (axes == 0 || loops != 2 + 2 * axes) return std::nullopt;
  auto kinds = generic.getIteratorTypesArray();
  if (!llvm::all_of(ArrayRef(kinds).take_back(axes), [](auto kind) { return kind == utils::IteratorType::reduction; }))
    return std::nullopt;
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  if (maps[2] != AffineMap::getMultiDimIdentityMap(loops, op->getContext()).getMajorSubMap(2 + axes))
    return std::nullopt;
  auto isDim = [](AffineExpr e, unsigned dim) { return e == getAffineDimExpr(dim, e.getContext()); };
  unsigned channel = axes + 1;
  auto windowType = cast<RankedTensorType>(generic.getInputs()[1].getType());
  if (maps[0].getNumResults() != axes + 2 || !isDim(maps[0].getResult(0), 0) ||
      !isDim(maps[0].getResult(channel), channel) || maps[1].getNumResults() < axes ||
      maps[1].getNumResults() > axes + 1)
    return std::nullopt;
  Windows w;
  w.filtered = maps[1].getNumResults() == axes + 1;
  if (w.filtered && !isDim(maps[1].getResult(axes), channel)) return std::nullopt;
  w.low.assign(axes, 0);
  w.high.assign(axes, 0);
  for (unsigned i = 0; i < axes; ++i) {
    auto steps = stepsOf(maps[0].getResult(1 + i), 1 + i, channel + 1 + i);
    if (!steps || !isDim(maps[1].getResult(i), channel + 1 + i) || windowType.isDynamicDim(i)) return std::nullopt;
    w.kernel.push_back(windowType.getDimSize(i));
    w.stride.push_back(steps->first);
    w.dilation.push_back(steps->second);
  }
  if (tensor::PadOp pad = lower::paddingOf(generic.getInputs()[0])) {
    ArrayRef<int64_t> low = pad.getStaticLow(), high = pad.getStaticHigh();
    if (llvm::any_of(low, ShapedType::isDynamic) || llvm::any_of(high, ShapedType::isDynamic)) return std::nullopt;
    w.low.assign(low.begin() + 1, low.end() - 1);
    w.high.assign(high.begin() + 1, high.end() - 1);
  }
  return w;
}
} // namespace

bool lower::isWindowFold(Operation *op) { return windowsOf(op).has_value(); }

LogicalResult GroupFormer::formWindows(linalg::GenericOp op, linalg::GenericOp epilogue) {
  Windows w = *windowsOf(op);
  Value image = op.getInputs()[0], filter = op.getInputs()[1];
  Type element = getElementTypeOrSelf(image.getType()), sum = getElementTypeOrSelf(op.getResult(0).getType());
  TypedAttr init = initConstant(op.getOutputs()[0]), outside = OpBuilder(op).getZeroAttr(element);
  if (!init) return op.emitOpError("starts from something that is no constant");
  if (tensor::PadOp pad = lower::paddingOf(image)) {
    matchPattern(pad.getConstantPaddingValue(), m_Constant(&outside));
    image = pad.getSource();
  }
  std::optional<graph::Shape> in = sizes.shapeOf(image), made = sizes.shapeOf(op.getResult(0));
  if (!in || !made) return op.emitOpError("has a size that does not come from the function's dims");
  Location location = groupLocation(op, epilogue);
  OpBuilder b(epilogue ? epilogue.getOperation() : op.getOperation());
  SmallVector<Value> buffers{buffer(b, image)};
  SmallVector<Type> scalars{sum, element};
  if (w.filtered) {
    buffers.push_back(buffer(b, filter));
    scalars.push_back(getElementTypeOrSelf(filter.getType()));
  }
  Extras extras = extrasOf(b, op, epilogue, scalars, buffers);

  kern::KernelOp kernel = table.draft(location, "windows", extras.maps, scalars);
  SmallVector<int64_t> window;
  for (ArrayRef<int64_t> list : {w.kernel, w.stride, w.dilation, w.low, w.high})
    window.append(list.begin(), list.end());
  kernel.setWindow(ArrayRef<int64_t>(window));
  kernel.setWindowRank(w.kernel.size());
  kernel.setInitsAttr(b.getArrayAttr({init, outside}));
  graph::Shape kernelSizes(*made);
  kernelSizes.append(in->begin() + 1, in->end() - 1);
  setKnown(kernel, kernelSizes);
  auto arguments = kernel.getBody().getArguments();
  IRMapping map;
  map.map(op.getBody()->getArgument(2), arguments[0]);
  map.map(op.getBody()->getArgument(0), arguments[1]);
  if (w.filtered) map.map(op.getBody()->getArgument(1), arguments[2]);
  FailureOr<SmallVector<Value>> step = cloneBody(*op.getBody(), kernel, map);
  if (failed(step)) return kernel->destroy(), failure();
  return finishRoot(b, op, epilogue, kernel, extras, buffers, kernelSizes, step->front());
}
