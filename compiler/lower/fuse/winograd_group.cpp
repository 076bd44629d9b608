// 3x3 convolutions of stride 1 with constant filters as F(4x4, 3x3): three groups instead of one. The image's tiles as
// 36 factors per channel, 36 matrix products with the transformed filters, and tiles of outputs with the epilogue. A
// quarter of the multiplications, for a rounding error of about 3e-5 of an output of size 1 (direct: 1e-5), so
// --accuracy=strict does without.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/padding.h"
#include "compiler/lower/kernels/panels.h"
#include "graphc/safetensors.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc;
using graph::Dim;
using lower::GroupFormer, lower::panelColumns;

static constexpr int64_t matrices = 36, outputs = 4;

RankedTensorType lower::winogradFilters(RankedTensorType filters) {
  int64_t channels = filters.getDimSize(2), panels = llvm::divideCeil(filters.getDimSize(3), panelColumns);
  return RankedTensorType::get({matrices, panels, channels, panelColumns}, filters.getElementType());
}

// Costs in multiply-adds of one channel with one filter. What is not one of them was measured (cpu_kernels.md and
// tests/bench/convolutions.json): a weight that is read once costs as much as `perWeight` of them, since it comes from
// far away, and so does the way of a factor or a sum through memory.
bool lower::prefersWinograd(Operation *convolution, RankedTensorType filters) {
  constexpr double perWeight = 17, perFactor = 8, mostBetween = 1 << 25; // 128 MB of workspace
  auto op = dyn_cast<linalg::Conv2DNhwcHwcfOp>(convolution);
  auto isOne = [](DenseIntElementsAttr list) { return list.isSplat() && list.getSplatValue<int64_t>() == 1; };
  if (!op || !filters.getElementType().isF32() || !isOne(op.getStrides()) || !isOne(op.getDilations())) return false;
  if (filters.getDimSize(0) != 3 || filters.getDimSize(1) != 3) return false;
  tensor::PadOp pad = paddingOf(op.getInputs()[0]);
  auto made = cast<RankedTensorType>(op.getResult(0).getType()),
       image = cast<RankedTensorType>((pad ? pad.getSource() : op.getInputs()[0]).getType());
  ArrayRef<int64_t> out = made.getShape().slice(1, 2), in = image.getShape().slice(1, 2);
  if (llvm::any_of(out, ShapedType::isDynamic) || llvm::any_of(in, [](int64_t size) { return size < 1; })) return false;
  double images = ShapedType::isDynamic(made.getDimSize(0)) ? 1 : made.getDimSize(0); // at least one
  double channels = filters.getDimSize(2), count = filters.getDimSize(3);
  double pixels = images * out[0] * out[1],
         tiles = images * llvm::divideCeil(out[0], outputs) * llvm::divideCeil(out[1], outputs);
  double between = matrices * tiles * (channels + count); // factors and sums
  if (between > mostBetween) return false;
  double direct = channels * count * 9 * (pixels + perWeight);
  double transformed = channels * count * matrices * (tiles + perWeight) + between * perFactor;
  return transformed < direct;
}

bool GroupFormer::usesWinograd(Operation *op) {
  if (!isConvolution(op)) return false;
  Value filters = stripReshapes(op->getOperand(1));
  if (auto read = filters.getDefiningOp<kern::ReadParameterOp>()) return layoutOf(read) == "winograd";
  return winograd && matchPattern(filters, m_Constant()) &&
         prefersWinograd(op, cast<RankedTensorType>(op->getOperand(1).getType()));
}

/// The filters as the products read them.
Value GroupFormer::transformedFilters(OpBuilder &b, Value filters) {
  Value source = stripReshapes(filters);
  DenseElementsAttr constant;
  if (!matchPattern(source, m_Constant(&constant))) return source;
  Value &result = transformed[filters];
  if (result) return result;
  auto type = cast<RankedTensorType>(filters.getType()), stored = winogradFilters(type);
  SmallVector<float> rows(constant.getValues<float>());
  std::vector<float> panels(stored.getNumElements());
  graphc_winograd_filters(rows.data(), type.getDimSize(2), type.getDimSize(3), panels.data());
  return result = b.create<arith::ConstantOp>(source.getLoc(), DenseElementsAttr::get(stored, ArrayRef<float>(panels)));
}

LogicalResult GroupFormer::formWinograd(linalg::LinalgOp op, linalg::GenericOp epilogue) {
  Location location = groupLocation(op, epilogue);
  OpBuilder b(epilogue ? epilogue.getOperation() : op.getOperation());
  Value image = op->getOperand(0);
  SmallVector<int64_t> low{0, 0};
  if (tensor::PadOp pad = paddingOf(image)) {
    low.assign(pad.getStaticLow().begin() + 1, pad.getStaticLow().begin() + 3);
    image = pad.getSource();
  }
  std::optional<graph::Shape> in = sizes.shapeOf(image), made = sizes.shapeOf(op->getResult(0));
  if (!in || !made) return op.emitOpError("has a size that does not come from the function's dims");
  Dim n = (*made)[0], height = (*made)[1], width = (*made)[2], filters = (*made)[3], channels = in->back();
  Dim tiles = n * height.ceilDiv(outputs) * width.ceilDiv(outputs);
  Type f32 = b.getF32Type();

  graph::Shape inputSizes{n, (*in)[1], (*in)[2], channels, height, width};
  kern::KernelOp input = table.draft(location, "winograd_input", {}, {}, /*hasBody=*/false);
  input.setWindow(ArrayRef<int64_t>(low));
  setKnown(input, inputSizes);
  auto factors = createRun(b, op.getLoc(), table.intern(input), buffer(b, image), values(inputSizes),
                           Made{{Dim(matrices), tiles, channels}, f32});

  graph::Shape productSizes{Dim(matrices), tiles, filters, channels};
  kern::KernelOp product = table.draft(location, "contraction", {}, f32);
  product.setBatched(ArrayRef<bool>{true, true});
  setKnown(product, productSizes);
  yieldFrom(product, product.getBody().getArgument(0));
  auto sums =
      createRun(b, op.getLoc(), table.intern(product), {factors.getResult(0), transformedFilters(b, op->getOperand(1))},
                values(productSizes), Made{{Dim(matrices), tiles, filters}, f32});

  SmallVector<Value> buffers{sums.getResult(0)};
  SmallVector<Type> scalars{f32};
  Extras extras = extrasOf(b, op, epilogue, scalars, buffers);
  kern::KernelOp output = table.draft(location, "winograd_output", extras.maps, scalars);
  graph::Shape outputSizes{n, height, width, filters};
  setKnown(output, outputSizes);
  return finishRoot(b, op, epilogue, output, extras, buffers, outputSizes);
}
