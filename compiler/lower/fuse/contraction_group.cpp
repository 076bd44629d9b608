// Contractions with their elementwise epilogue. The right-hand side is read as panels of 16 columns: params lie so in
// the model block, constants are packed here, anything else is packed by a run of its own, once per value.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/loop_dims.h"
#include "compiler/lower/kernels/panels.h"
#include "graphc/safetensors.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer, lower::panelColumns;

std::optional<lower::ContractionSizes> lower::contractionSizes(Operation *op) {
  auto contraction = dyn_cast<linalg::LinalgOp>(op);
  if (!contraction || !isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op) || !contraction.hasPureTensorSemantics())
    return std::nullopt;
  auto a = cast<RankedTensorType>(op->getOperand(0).getType());
  auto c = cast<RankedTensorType>(op->getResult(0).getType());
  auto isF32 = [](Value value) { return getElementTypeOrSelf(value.getType()).isF32(); };
  if (!a.hasStaticShape() || !c.hasStaticShape() || !llvm::all_of(op->getOperands(), isF32)) return std::nullopt;
  bool batched = c.getRank() == 3;
  return ContractionSizes{batched ? c.getDimSize(0) : 1, c.getDimSize(batched), c.getDimSize(batched + 1),
                          a.getDimSize(a.getRank() - 1)};
}

TypedAttr lower::initConstant(Value init) {
  init = stripReshapes(init);
  TypedAttr value;
  if (auto fill = init.getDefiningOp<linalg::FillOp>()) {
    if (!matchPattern(fill.getInputs()[0], m_Constant(&value))) return nullptr;
    return value;
  }
  SplatElementsAttr splat;
  return matchPattern(init, m_Constant(&splat)) ? splat.getSplatValue<TypedAttr>() : nullptr;
}

namespace {
using Cut = std::pair<lower::DimGroups, SmallVector<std::optional<AffineMap>>>;

/// The epilogue's loops as (g, m, n) and each input's map over them. nullopt if its loops cannot be cut so.
std::optional<Cut> cutEpilogue(Operation *contraction, linalg::GenericOp epilogue) {
  auto sizes = *lower::contractionSizes(contraction);
  SmallVector<int64_t> loops = epilogue.getStaticLoopRanges();
  auto groups = lower::splitDims(loops, {sizes.g, sizes.m, sizes.n});
  if (!groups) return std::nullopt;
  SmallVector<std::optional<AffineMap>> maps;
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    auto dims = lower::dimsOf(epilogue.getMatchingIndexingMap(in), loops);
    maps.push_back(dims ? lower::mapOverGroups(epilogue.getContext(), *groups, *dims) : std::nullopt);
  }
  return Cut(*groups, maps);
}

/// Packs a constant matrix, or a batch of them, at build time.
DenseElementsAttr packConstant(DenseElementsAttr matrix, int64_t g, int64_t k, int64_t n, RankedTensorType stored) {
  SmallVector<float> rows(matrix.getValues<float>());
  std::vector<float> panels(stored.getNumElements());
  int64_t perMatrix = llvm::divideCeil(n, panelColumns) * k * panelColumns;
  for (int64_t i = 0; i < g; ++i) graphc_pack_panels(rows.data() + i * k * n, k, n, panels.data() + i * perMatrix);
  return DenseElementsAttr::get(stored, ArrayRef<float>(panels));
}
} // namespace

bool lower::canBeEpilogue(Operation *contraction, linalg::GenericOp epilogue) {
  auto cut = cutEpilogue(contraction, epilogue);
  if (!cut || llvm::any_of(cut->second, [](auto &map) { return !map; })) return false;
  // The contraction's result itself must be read element by element.
  SmallVector<int64_t> loops = epilogue.getStaticLoopRanges();
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    if (stripReshapes(in->get()).getDefiningOp() != contraction) continue;
    DimList all;
    for (unsigned dim = 0; dim < loops.size(); ++dim)
      if (loops[dim] != 1) all.push_back(dim);
    if (*dimsOf(epilogue.getMatchingIndexingMap(in), loops) != all) return false;
  }
  return true;
}

Value GroupFormer::packPanels(OpBuilder &b, Value matrix, int64_t g, int64_t k, int64_t n) {
  auto type = cast<RankedTensorType>(matrix.getType());
  Value source = stripReshapes(matrix);
  if (auto read = source.getDefiningOp<kern::ReadParameterOp>(); read && panelParameters.contains(read.getParameter()))
    return source;
  Value &result = packed[matrix];
  if (result) return result;
  SmallVector<int64_t> shape{int64_t(llvm::divideCeil(n, panelColumns)), k, panelColumns};
  if (type.getRank() == 3) shape.insert(shape.begin(), g);
  auto stored = RankedTensorType::get(shape, type.getElementType());
  DenseElementsAttr constant;
  if (matchPattern(source, m_Constant(&constant)) && !constant.isSplat())
    return result = b.create<arith::ConstantOp>(source.getLoc(), packConstant(constant, g, k, n, stored));
  kern::KernelOp kernel = table.draft(matrix.getLoc(), "pack_panels", {}, {}, /*hasBody=*/false);
  return result = createRun(b, matrix.getLoc(), table.intern(kernel), buffer(b, source),
                            constantSizes(b.getContext(), {g, k, n}), TypeRange(stored))
                      .getResult(0);
}

LogicalResult GroupFormer::formContraction(linalg::LinalgOp op, linalg::GenericOp epilogue) {
  ContractionSizes sizes = *contractionSizes(op);
  auto zero = dyn_cast_or_null<FloatAttr>(initConstant(op->getOperand(2)));
  if (!zero || !zero.getValue().isZero()) return op.emitOpError("adds to something that is not zero");
  Operation *place = epilogue ? epilogue.getOperation() : op.getOperation();
  Location location = epilogue ? FusedLoc::get(op.getContext(), {op.getLoc(), epilogue.getLoc()}) : op.getLoc();
  OpBuilder b(place);
  Value left = buffer(b, op->getOperand(0));
  SmallVector<Value> buffers{left, packPanels(b, op->getOperand(1), sizes.g, sizes.k, sizes.n)};
  SmallVector<AffineMap> maps;
  SmallVector<Type> scalars{b.getF32Type()};
  SmallVector<std::pair<Value, unsigned>> arguments; // the epilogue body's argument -> the kernel's
  if (epilogue) {
    auto cut = cutEpilogue(op, epilogue);
    for (auto [i, in] : llvm::enumerate(epilogue.getDpsInputOperands())) {
      Value inner = epilogue.getMatchingBlockArgument(in);
      if (stripReshapes(in->get()).getDefiningOp() == op.getOperation()) {
        arguments.push_back({inner, 0});
        continue;
      }
      arguments.push_back({inner, scalars.size()});
      maps.push_back(*cut->second[i]);
      scalars.push_back(getElementTypeOrSelf(in->get().getType()));
      buffers.push_back(buffer(b, in->get()));
    }
  }
  kern::KernelOp kernel = table.draft(location, "contraction", maps, scalars);
  bool batched = isa<linalg::BatchMatmulOp>(op);
  kernel.setBatched(ArrayRef<bool>{batched, batched});
  SmallVector<Value> results{kernel.getBody().getArgument(0)};
  if (epilogue) {
    IRMapping map;
    for (auto [inner, position] : arguments) map.map(inner, kernel.getBody().getArgument(position));
    FailureOr<SmallVector<Value>> cloned = cloneBody(*epilogue.getBody(), kernel, map);
    if (failed(cloned)) return kernel->destroy(), failure();
    results = *cloned;
  }
  yieldFrom(kernel, results);
  auto run = createRun(b, location, table.intern(kernel), buffers,
                       constantSizes(b.getContext(), {sizes.g, sizes.m, sizes.n, sizes.k}), place->getResultTypes());
  place->getResult(0).replaceAllUsesWith(run.getResult(0));
  return success();
}
