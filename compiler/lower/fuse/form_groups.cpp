// form-groups: linalg on tensors -> kern.run + kern.kernel. First the layout of params is decided (panels if all
// readers are contractions that want their right-hand side so), then each entry's ops are grouped in program order.
// Afterwards no linalg op is left in an entry.
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/kernels/panels.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc;
using lower::GroupFormer;

Value lower::stripReshapes(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op)) break;
    value = op->getOperand(0);
  }
  return value;
}

// The contraction joins the last one of its consumer's operands: at that place all others exist.
void GroupFormer::chooseEpilogues(Block &block) {
  for (auto generic : block.getOps<linalg::GenericOp>()) {
    if (!isElementwise(generic)) continue;
    Operation *best = nullptr;
    for (OpOperand *operand : generic.getDpsInputOperands()) {
      Value value = operand->get();
      Operation *producer = value.getDefiningOp();
      while (producer && isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(producer) && value.hasOneUse()) {
        value = producer->getOperand(0);
        producer = value.getDefiningOp();
      }
      if (!producer || !value.hasOneUse() || !contractionSizes(producer) || !canBeEpilogue(producer, generic)) continue;
      if (!best || best->isBeforeInBlock(producer)) best = producer;
    }
    if (!best) continue;
    epilogueOf[best] = generic;
    contractionOf[generic] = best;
  }
}

void GroupFormer::choosePrologues(Block &block) {
  for (auto softmax : block.getOps<linalg::SoftmaxOp>()) {
    auto generic = softmax.getInput().getDefiningOp<linalg::GenericOp>();
    if (!generic || !generic->hasOneUse() || contractionOf.count(generic) || !isElementwise(generic)) continue;
    if (!canBePrologue(generic)) continue;
    prologueOf[softmax] = generic;
    prologues.insert(generic);
  }
}

LogicalResult GroupFormer::convert(Operation *op) {
  if (contractionSizes(op)) {
    if (epilogueOf.count(op)) return success(); // made where its consumer stands
    return formContraction(cast<linalg::LinalgOp>(op), nullptr);
  }
  if (auto loops = dyn_cast<graph::LoopsOp>(op)) return formLoops(loops);
  if (auto call = dyn_cast<func::CallOp>(op)) return formCall(call);
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op)) return formSoftmax(softmax, prologueOf.lookup(op));
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
  if (Operation *contraction = contractionOf.lookup(op))
    return formContraction(cast<linalg::LinalgOp>(contraction), generic);
  if (prologues.contains(op)) return success();
  return generic.getNumReductionLoops() ? formReduction(generic) : formElementwise(generic);
}

static bool isRoot(Operation &op) {
  return isa_and_nonnull<linalg::LinalgDialect>(op.getDialect()) || isa<graph::LoopsOp, func::CallOp>(op);
}

/// Named ops without a builder of their own (contractions of other types than f32, transpose, broadcast) are the
/// generics that they stand for.
static LogicalResult generalize(Block &block) {
  SmallVector<linalg::LinalgOp> named;
  for (auto op : block.getOps<linalg::LinalgOp>())
    if (!isa<linalg::GenericOp, linalg::FillOp>(op) && !lower::contractionSizes(op)) named.push_back(op);
  IRRewriter rewriter(block.getParentOp()->getContext());
  for (linalg::LinalgOp op : named) {
    rewriter.setInsertionPoint(op);
    if (failed(linalg::generalizeNamedOp(rewriter, op))) return op.emitOpError("has no kind of group");
  }
  return success();
}

LogicalResult GroupFormer::run(func::FuncOp entry) {
  if (!llvm::hasSingleElement(entry.getBody())) return entry.emitOpError("has control flow, which no group can hold");
  Block &block = entry.getBody().front();
  if (failed(generalize(block))) return failure();
  chooseEpilogues(block);
  choosePrologues(block);
  SmallVector<Operation *> roots;
  for (Operation &op : block)
    if (isRoot(op)) roots.push_back(&op);
  for (Operation *op : roots)
    if (failed(convert(op))) return failure();
  // Readers first; with the roots go the reshapes and empty tensors that only they used.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    bool root = isRoot(op);
    if (!root && !isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::EmptyOp>(op)) continue;
    if (op.use_empty())
      op.erase();
    else if (root)
      return op.emitOpError("is still read after its group was formed");
  }
  return success();
}

SmallVector<OpFoldResult> lower::constantSizes(MLIRContext *context, ArrayRef<int64_t> sizes) {
  return getAsIndexOpFoldResult(context, sizes);
}

kern::RunOp GroupFormer::createRun(OpBuilder &b, Location location, FlatSymbolRefAttr kernel, ArrayRef<Value> buffers,
                                   ArrayRef<OpFoldResult> sizes, TypeRange results, ArrayRef<int64_t> inplace) {
  SmallVector<Value> ins(buffers), outs;
  for (OpFoldResult size : sizes) ins.push_back(getValueOrCreateConstantIndexOp(b, location, size));
  for (Type type : results) {
    auto tensorType = cast<RankedTensorType>(type);
    outs.push_back(b.create<tensor::EmptyOp>(location, tensorType.getShape(), tensorType.getElementType()));
  }
  return b.create<kern::RunOp>(location, results, kernel, ins, outs, UnitAttr(),
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
  if (!result) result = fillRun(b, constant.getLoc(), type, splat.getSplatValue<TypedAttr>());
  return result;
}

namespace {
bool isRightHandSide(OpOperand &use) {
  return lower::contractionSizes(use.getOwner()) && use.getOperandNumber() == 1 &&
         cast<RankedTensorType>(use.get().getType()).getRank() == 2;
}

/// Params that every reader wants as panels get that layout; their reads get the stored type.
void choosePanels(ModuleOp module, llvm::StringSet<> &panels) {
  llvm::StringMap<SmallVector<kern::ReadParameterOp>> reads;
  module.walk([&](kern::ReadParameterOp read) { reads[read.getParameter()].push_back(read); });
  for (auto parameter : module.getOps<kern::ParameterOp>()) {
    auto &readers = reads[parameter.getSymName()];
    auto wantsPanels = [](kern::ReadParameterOp read) {
      return !read.getState() && !read->use_empty() && llvm::all_of(read->getUses(), isRightHandSide);
    };
    if (readers.empty() || !llvm::all_of(readers, wantsPanels)) continue;
    auto type = cast<RankedTensorType>(parameter.getType());
    int64_t k = type.getDimSize(0), n = type.getDimSize(1);
    auto stored = RankedTensorType::get({int64_t(llvm::divideCeil(n, lower::panelColumns)), k, lower::panelColumns},
                                        type.getElementType());
    parameter.setStored(stored);
    parameter.setLayout("panels");
    panels.insert(parameter.getSymName());
    for (kern::ReadParameterOp read : readers) read.getValue().setType(stored);
  }
}

struct FormGroups : PassWrapper<FormGroups, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FormGroups)
  StringRef getArgument() const final { return "form-groups"; }
  StringRef getDescription() const final { return "Group linalg ops on tensors into kern.run with kern.kernel"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<kern::KernDialect, linalg::LinalgDialect, tensor::TensorDialect, arith::ArithDialect>();
  }

  void runOnOperation() override {
    llvm::StringSet<> panels;
    choosePanels(getOperation(), panels);
    lower::KernelTable table(getOperation());
    for (func::FuncOp entry : lower::functionsOf(getOperation()))
      if (failed(GroupFormer(table, panels).run(entry))) return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> lower::createFormGroupsPass() { return std::make_unique<FormGroups>(); }
