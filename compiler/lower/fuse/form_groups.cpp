// form-groups: linalg on tensors -> kern.run + kern.kernel. First the layout of params is decided, then each entry's
// ops are grouped in program order. Afterwards no linalg op is left in an entry.
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/padding.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

Location lower::groupLocation(Operation *root, Operation *epilogue) {
  return epilogue ? FusedLoc::get(root->getContext(), {root->getLoc(), epilogue->getLoc()}) : root->getLoc();
}

bool lower::isReshape(Operation *op) { return isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op); }

Value lower::stripReshapes(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isReshape(op)) break;
    value = op->getOperand(0);
  }
  return value;
}

// The root joins the last one of its consumer's operands: at that place all others exist. What lies in panels has
// matrix products as roots alone.
void GroupFormer::chooseEpilogues(Block &block) {
  auto join = [&](Operation *root, linalg::GenericOp epilogue) {
    if (!root) return;
    epilogueOf[root] = epilogue;
    rootOf[epilogue] = root;
  };
  for (auto generic : block.getOps<linalg::GenericOp>())
    if (isUpdateOfPanels(generic)) join(productOf(generic, sizes), generic);
  makersOfPanels = madeInPanels(block, [&](linalg::GenericOp update) { return rootOf.contains(update); });
  for (auto generic : block.getOps<linalg::GenericOp>()) {
    // Several results: of an optimizer. One whose params lie as rows is faster as a pass of its own.
    if (isUpdateOfPanels(generic) || generic.getNumResults() > 1 || !isElementwise(generic, sizes)) continue;
    if (makersOfPanels.contains(generic)) {
      join(productOf(generic, sizes), generic);
      continue;
    }
    Operation *best = nullptr;
    for (OpOperand *operand : generic.getDpsInputOperands()) {
      Value value = operand->get();
      Operation *producer = value.getDefiningOp();
      while (producer && isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(producer) &&
             value.hasOneUse()) {
        value = producer->getOperand(0);
        producer = value.getDefiningOp();
      }
      if (!producer || !value.hasOneUse() || !sizesForEpilogue(producer, sizes) ||
          !canBeEpilogue(producer, generic, sizes))
        continue;
      if (!best || best->isBeforeInBlock(producer)) best = producer;
    }
    join(best, generic);
  }
}

bool GroupFormer::liesInPanels(Value value) const {
  value = stripReshapes(value);
  auto read = value.getDefiningOp<kern::ReadParameterOp>();
  return panels.contains(value) || (read && layoutOf(read) == "panels");
}

LogicalResult GroupFormer::convert(Operation *op) {
  if (const RowGroup *group = groupOf.lookup(op))
    return op == group->members.back().first ? formRows(*group) : success();
  auto formRoot = [&](Operation *root, linalg::GenericOp epilogue) {
    if (isWindowFold(root)) return formWindows(cast<linalg::GenericOp>(root), epilogue);
    auto contraction = cast<linalg::LinalgOp>(root);
    return usesWinograd(root) ? formWinograd(contraction, epilogue) : formContraction(contraction, epilogue);
  };
  if (sizesForEpilogue(op, sizes)) // else made where its consumer stands
    return epilogueOf.count(op) ? success() : formRoot(op, nullptr);
  if (auto loops = dyn_cast<graph::LoopsOp>(op)) return formLoops(loops);
  if (auto call = dyn_cast<func::CallOp>(op)) return formCall(call);
  if (auto fill = dyn_cast<linalg::FillOp>(op)) {
    // Inits of contractions and reductions are constants of their kernels.
    bool onlyInit = llvm::all_of(op->getUses(), [](OpOperand &use) {
      auto reader = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
      return reader && isa<linalg::LinalgOp>(use.getOwner()) && reader.isDpsInit(&use);
    });
    return onlyInit ? success() : formFill(fill);
  }
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic) return op->emitOpError("has no kind of group");
  if (Operation *root = rootOf.lookup(op)) return formRoot(root, generic);
  return generic.getNumReductionLoops() ? formReduction(generic) : formElementwise(generic);
}

static bool isRoot(Operation &op) {
  return isa_and_nonnull<linalg::LinalgDialect>(op.getDialect()) || isa<graph::LoopsOp, func::CallOp>(op);
}

/// Sums of products over dims that one operand alone holds as runs of memory, while the other and the result have runs
/// along the same kept dim: that dim becomes the last one, so that lanes lie along it and nothing is gathered. Each
/// element's sum keeps its order.
static LogicalResult turnToRuns(RewriterBase &rewriter, linalg::GenericOp generic) {
  auto lastDim = [](AffineMap map) -> std::optional<unsigned> {
    if (!map.getNumResults() || !isa<AffineDimExpr>(map.getResults().back())) return std::nullopt;
    return cast<AffineDimExpr>(map.getResults().back()).getPosition();
  };
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  auto kinds = generic.getIteratorTypesArray();
  unsigned loops = generic.getNumLoops();
  std::optional<unsigned> runs = generic.getNumDpsInits() == 1 ? lastDim(maps.back()) : std::nullopt;
  if (!runs || kinds.back() != utils::IteratorType::reduction || generic.getNumDpsInputs() != 2) return success();
  if (llvm::none_of(ArrayRef(maps).drop_back(), [&](AffineMap map) { return lastDim(map) == runs; })) return success();
  SmallVector<unsigned> order;
  for (unsigned dim = 0; dim < loops; ++dim)
    if (dim != *runs) order.push_back(dim);
  order.push_back(*runs);
  return linalg::interchangeGenericOp(rewriter, generic, order);
}

/// Named ops without a builder of their own (contractions of other types than f32, transpose, broadcast) are the
/// generics that they stand for.
static LogicalResult generalize(Block &block) {
  SmallVector<linalg::LinalgOp> named;
  for (auto op : block.getOps<linalg::LinalgOp>())
    if (!isa<linalg::GenericOp, linalg::FillOp>(op) && !lower::isContraction(op)) named.push_back(op);
  IRRewriter rewriter(block.getParentOp()->getContext());
  for (linalg::LinalgOp op : named) {
    rewriter.setInsertionPoint(op);
    Location location = op.getLoc();
    FailureOr<linalg::GenericOp> generic = linalg::generalizeNamedOp(rewriter, op);
    if (failed(generic) || failed(turnToRuns(rewriter, *generic))) return emitError(location, "has no kind of group");
  }
  return success();
}

LogicalResult GroupFormer::run() {
  if (!llvm::hasSingleElement(function.getBody()))
    return function.emitOpError("has control flow, which no group can hold");
  Block &block = function.getBody().front();
  for (auto dim : llvm::make_early_inc_range(block.getOps<tensor::DimOp>())) { // MLIR's patterns ask tensors
    std::optional<graph::Dim> size = sizes.sizeOf(dim.getResult());
    if (!size) return dim.emitOpError("asks for a size that does not come from the function's dims");
    OpBuilder b(dim);
    dim.replaceAllUsesWith(getValueOrCreateConstantIndexOp(b, dim.getLoc(), sizes.value(*size)));
    dim.erase();
  }
  if (failed(generalize(block))) return failure();
  readTransposed(block);
  if (failed(makePaddedTensors(block, sizes, function,
                               [&](Operation *reader) { return isWindowFold(reader) || usesWinograd(reader); })))
    return failure();
  chooseEpilogues(block);
  chooseRows(block);
  joinElementwise(block);
  returnTwice(block);
  takeParts(block);
  SmallVector<Operation *> roots;
  for (Operation &op : block)
    if (isRoot(op)) roots.push_back(&op);
  for (Operation *op : roots)
    if (failed(convert(op))) return failure();
  for (auto read : block.getOps<kern::ReadParameterOp>()) // as kernels see it
    read.getValue().setType(cast<RankedTensorType>(
        SymbolTable::lookupNearestSymbolFrom<kern::ParameterOp>(read, read.getParameterAttr()).getStored()));
  // Readers first; with the roots go the reshapes and empty tensors that only they used.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    bool root = isRoot(op);
    if (!root &&
        !isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp, tensor::EmptyOp, tensor::PadOp>(op))
      continue;
    if (op.use_empty())
      op.erase();
    else if (root)
      return op.emitOpError("is still read after its group was formed");
  }
  return success();
}

SmallVector<OpFoldResult> GroupFormer::values(ArrayRef<graph::Dim> of) {
  SmallVector<OpFoldResult> results;
  for (const graph::Dim &size : of) results.push_back(sizes.value(size));
  return results;
}

Location GroupFormer::placesOf(ArrayRef<Operation *> ops) {
  SmallVector<Location> places{ops.front()->getLoc()};
  for (Operation *op : ops) {
    if (!op) continue; // no epilogue
    for (Region &region : op->getRegions())
      region.walk([&](Operation *inner) {
        if (!inner->hasTrait<OpTrait::IsTerminator>() && !inner->hasTrait<OpTrait::ConstantLike>())
          places.push_back(inner->getLoc());
      });
    places.push_back(op->getLoc());
  }
  return FusedLoc::get(ops.front()->getContext(), places);
}

bool GroupFormer::describe(Value result, SmallVectorImpl<Made> &results) {
  std::optional<graph::Shape> shape = sizes.shapeOf(result);
  if (shape)
    results.push_back({*shape, getElementTypeOrSelf(result.getType())});
  else
    mlir::emitError(result.getLoc(), "a tensor's size does not come from the function's dims");
  return shape.has_value();
}

void GroupFormer::replace(OpBuilder &b, Value old, Value made) {
  if (old.getType() != made.getType()) made = b.create<tensor::CastOp>(made.getLoc(), old.getType(), made);
  old.replaceAllUsesWith(made);
}

kern::RunOp GroupFormer::createRun(OpBuilder &b, Location location, FlatSymbolRefAttr kernel, ArrayRef<Value> buffers,
                                   ArrayRef<OpFoldResult> sizeOperands, ArrayRef<Made> results,
                                   ArrayRef<int64_t> inplace) {
  SmallVector<Value> ins(buffers), outs;
  SmallVector<Type> types;
  for (OpFoldResult size : sizeOperands) ins.push_back(getValueOrCreateConstantIndexOp(b, location, size));
  for (const Made &result : results) {
    types.push_back(plainTensor(result.shape, result.element));
    outs.push_back(b.create<tensor::EmptyOp>(location, types.back(), sizes.dynamicValues(result.shape)));
  }
  return b.create<kern::RunOp>(location, types, kernel, ins, outs, UnitAttr(),
                               inplace.empty() ? DenseI64ArrayAttr() : b.getDenseI64ArrayAttr(inplace));
}

// What a kernel reads for `tensor`. A large splat constant would be stored in full in the library: it is filled at run
// time.
Value GroupFormer::buffer(OpBuilder &b, Value tensor) {
  constexpr uint64_t largestStoredSplat = 4096;
  Value value = stripReshapes(tensor);
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  if (!constant) return value;
  auto splat = dyn_cast<SplatElementsAttr>(constant.getValue());
  auto type = cast<RankedTensorType>(value.getType());
  if (!splat || byteSize(type).value_or(largestStoredSplat + 1) <= largestStoredSplat) return value;
  Value &result = filled[value];
  if (!result) {
    graph::Shape shape(type.getShape().begin(), type.getShape().end());
    result = fillRun(b, constant.getLoc(), {shape, type.getElementType()}, splat.getSplatValue<TypedAttr>());
  }
  return result;
}

namespace {
struct FormGroups : PassWrapper<FormGroups, OperationPass<ModuleOp>> {
  explicit FormGroups(bool winograd) : winograd(winograd) {}
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FormGroups)
  StringRef getArgument() const final { return "form-groups"; }
  StringRef getDescription() const final { return "Group linalg ops on tensors into kern.run with kern.kernel"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, kern::KernDialect, linalg::LinalgDialect, tensor::TensorDialect,
                    arith::ArithDialect>();
  }

  void runOnOperation() override {
    lower::chooseLayouts(getOperation(), winograd);
    lower::KernelTable table(getOperation());
    DenseMap<StringAttr, kern::ScanOp> scans;
    getOperation().walk([&](kern::ScanOp scan) { scans[scan.getBodyAttr().getAttr()] = scan; });
    for (func::FuncOp entry : lower::functionsOf(getOperation()))
      if (failed(GroupFormer(entry, table, winograd, scans.lookup(entry.getSymNameAttr())).run()))
        return signalPassFailure();
  }

  bool winograd;
};
} // namespace

std::unique_ptr<Pass> lower::createFormGroupsPass(bool winograd) { return std::make_unique<FormGroups>(winograd); }
