// padding.h.
#include "compiler/lower/fuse/padding.h"
#include "dialects/graph/padded.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace graphc;

tensor::PadOp lower::paddingOf(Value image) {
  while (auto cast = image.getDefiningOp<tensor::CastOp>()) image = cast.getSource();
  auto pad = image.getDefiningOp<tensor::PadOp>();
  return pad && pad.getConstantPaddingValue() ? pad : nullptr;
}

/// True if every reader of the value, behind casts, is one of those.
static bool allReaders(Value value, function_ref<bool(Operation *)> of) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    return isa<tensor::CastOp>(user) ? allReaders(user->getResult(0), of) : of(user);
  });
}

LogicalResult lower::makePaddedTensors(Block &block, const TensorSizes &sizes, func::FuncOp function,
                                       function_ref<bool(Operation *)> takesPaddingIn) {
  SmallVector<graph::DimAttr> dims = functionDims(function);
  SmallVector<BlockArgument> arguments = dimArguments(function);
  auto valueOf = [&](graph::DimAttr dim) -> Value { return arguments[llvm::find(dims, dim) - dims.begin()]; };
  for (auto pad : llvm::make_early_inc_range(block.getOps<tensor::PadOp>())) {
    if (allReaders(pad.getResult(), takesPaddingIn)) continue;
    std::optional<graph::Shape> shape = sizes.shapeOf(pad.getSource());
    TypedAttr value;
    if (!shape || !pad.getConstantPaddingValue() || !matchPattern(pad.getConstantPaddingValue(), m_Constant(&value)))
      return pad.emitOpError(
          "pads with what is no constant, or a tensor whose size does not come from the function's dims");
    SmallVector<graph::PaddedSide> sides;
    for (auto [low, high] : llvm::zip_equal(pad.getStaticLow(), pad.getStaticHigh())) {
      if (ShapedType::isDynamic(low) || ShapedType::isDynamic(high))
        return pad.emitOpError("pads by what is no number");
      sides.push_back({low, high});
    }
    graph::Lowering lowering(pad, pad.getSource(), valueOf);
    Value made = graph::padded(lowering, pad.getSource(), *shape, sides, "constant", value);
    if (made.getType() != pad.getType()) made = lowering.create<tensor::CastOp>(pad.getType(), made);
    pad.getResult().replaceUsesWithIf(made, [&](OpOperand &use) {
      Operation *user = use.getOwner();
      return isa<tensor::CastOp>(user) ? !allReaders(user->getResult(0), takesPaddingIn) : !takesPaddingIn(user);
    });
    if (pad->use_empty()) pad.erase();
  }
  return success();
}
