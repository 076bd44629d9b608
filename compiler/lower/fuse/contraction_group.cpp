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
using graph::Dim;
using lower::GroupFormer, lower::panelColumns;

bool lower::isContraction(Operation *op) {
  auto contraction = dyn_cast<linalg::LinalgOp>(op);
  if (!contraction || !isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op) || !contraction.hasPureTensorSemantics())
    return false;
  return llvm::all_of(op->getOperands(), [](Value value) { return getElementTypeOrSelf(value.getType()).isF32(); });
}

std::optional<lower::ContractionSizes> lower::contractionSizes(Operation *op, const TensorSizes &sizes) {
  if (!isContraction(op)) return std::nullopt;
  std::optional<graph::Shape> a = sizes.shapeOf(op->getOperand(0)), c = sizes.shapeOf(op->getResult(0));
  if (!a || !c) return std::nullopt;
  bool batched = c->size() == 3; // B's type is no help: a param's says how its panels lie
  return ContractionSizes{batched ? c->front() : Dim(1), (*c)[batched], c->back(), a->back()};
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
std::optional<Cut> cutEpilogue(Operation *contraction, linalg::GenericOp epilogue, const lower::TensorSizes &all) {
  auto sizes = *lower::contractionSizes(contraction, all);
  std::optional<graph::Shape> loops = all.loopSizes(epilogue);
  if (!loops) return std::nullopt;
  auto groups = lower::splitDims(*loops, {sizes.g, sizes.m, sizes.n});
  if (!groups) return std::nullopt;
  SmallVector<std::optional<AffineMap>> maps;
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    auto dims = lower::dimsOf(epilogue.getMatchingIndexingMap(in), *loops);
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

bool lower::canBeEpilogue(Operation *contraction, linalg::GenericOp epilogue, const TensorSizes &sizes) {
  auto cut = cutEpilogue(contraction, epilogue, sizes);
  if (!cut || llvm::any_of(cut->second, [](auto &map) { return !map; })) return false;
  // The contraction's result itself must be read element by element.
  graph::Shape loops = *sizes.loopSizes(epilogue);
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    if (stripReshapes(in->get()).getDefiningOp() != contraction) continue;
    DimList all;
    for (unsigned dim = 0; dim < loops.size(); ++dim)
      if (!loops[dim].is(1)) all.push_back(dim);
    if (*dimsOf(epilogue.getMatchingIndexingMap(in), loops) != all) return false;
  }
  return true;
}

Value GroupFormer::packPanels(OpBuilder &b, Value matrix, const ContractionSizes &of) {
  auto type = cast<RankedTensorType>(matrix.getType());
  Value source = stripReshapes(matrix);
  if (auto read = source.getDefiningOp<kern::ReadParameterOp>(); read && panelParameters.contains(read.getParameter()))
    return source;
  Value &result = packed[matrix];
  if (result) return result;
  Made stored{{of.n.ceilDiv(panelColumns), of.k, panelColumns}, type.getElementType()};
  if (type.getRank() == 3) stored.shape.insert(stored.shape.begin(), of.g);
  DenseElementsAttr constant;
  if (matchPattern(source, m_Constant(&constant)) && !constant.isSplat())
    return result = b.create<arith::ConstantOp>(
               source.getLoc(), packConstant(constant, of.g.staticValue(), of.k.staticValue(), of.n.staticValue(),
                                             plainTensor(stored.shape, stored.element)));
  kern::KernelOp kernel = table.draft(matrix.getLoc(), "pack_panels", {}, {}, /*hasBody=*/false);
  return result =
             createRun(b, matrix.getLoc(), table.intern(kernel), buffer(b, source), values({of.g, of.k, of.n}), stored)
                 .getResult(0);
}

LogicalResult GroupFormer::formContraction(linalg::LinalgOp op, linalg::GenericOp epilogue) {
  ContractionSizes loops = *contractionSizes(op, sizes);
  auto zero = dyn_cast_or_null<FloatAttr>(initConstant(op->getOperand(2)));
  if (!zero || !zero.getValue().isZero()) return op.emitOpError("adds to something that is not zero");
  Operation *place = epilogue ? epilogue.getOperation() : op.getOperation();
  Location location = epilogue ? FusedLoc::get(op.getContext(), {op.getLoc(), epilogue.getLoc()}) : op.getLoc();
  OpBuilder b(place);
  Value left = buffer(b, op->getOperand(0));
  SmallVector<Value> buffers{left, packPanels(b, op->getOperand(1), loops)};
  SmallVector<AffineMap> maps;
  SmallVector<Type> scalars{b.getF32Type()};
  SmallVector<std::pair<Value, unsigned>> arguments; // the epilogue body's argument -> the kernel's
  if (epilogue) {
    auto cut = cutEpilogue(op, epilogue, sizes);
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
  SmallVector<Made> made;
  if (!describe(place->getResult(0), made)) return kernel->destroy(), failure();
  auto run = createRun(b, location, table.intern(kernel), buffers, values({loops.g, loops.m, loops.n, loops.k}), made);
  replace(b, place->getResult(0), run.getResult(0));
  return success();
}
