// Which params that a training step writes lie in panels. A gradient is a product dW = X^T dY; with the optimizer as
// its epilogue, param and states are read and written tile by tile in whatever layout, so they may have the one that
// the forward pass reads: nothing is packed in a call, and each tile's part of them is a run of memory. Where something
// else reads the gradient, too (its norm), the product makes it in panels and the update is a pass of its own, over
// flat memory. The condition: every reader is a right-hand side, also a transposed one, or such an update, and every
// write comes from one. Else rows.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/kernels/panels.h"
#include "compiler/lower/kernels/reduction_combine.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace graphc;

namespace {
SmallVector<kern::WriteParameterOp> writesOf(linalg::GenericOp update) {
  SmallVector<kern::WriteParameterOp> writes;
  for (Operation *user : update->getUsers()) writes.push_back(cast<kern::WriteParameterOp>(user));
  return writes;
}

/// True if nothing between the update and its writes could see that all are done at the last one's place.
bool canWait(linalg::GenericOp update) {
  SmallVector<kern::WriteParameterOp> writes = writesOf(update);
  llvm::SmallSetVector<StringRef, 4> paths;
  Operation *last = writes.front();
  for (kern::WriteParameterOp write : writes) {
    if (write->getBlock() != update->getBlock() || !paths.insert(write.getParameter())) return false;
    if (last->isBeforeInBlock(write)) last = write;
  }
  for (Operation *op = update->getNextNode(); op != last; op = op->getNextNode()) {
    auto read = dyn_cast<kern::ReadParameterOp>(op);
    auto write = dyn_cast<kern::WriteParameterOp>(op);
    if (isa<CallOpInterface>(op) || (read && paths.contains(read.getParameter())) ||
        (write && paths.contains(write.getParameter()) && write.getValue().getDefiningOp() != update))
      return false;
  }
  return true;
}

bool isMatrixProduct(Operation *op) {
  return op && lower::isContraction(op) && !lower::isConvolution(op) &&
         cast<RankedTensorType>(op->getResult(0).getType()).getRank() == 2;
}

/// True if the product reads what the update would write under its eyes.
bool readsWritten(Operation *product, linalg::GenericOp update) {
  Value right = product->getOperand(1);
  if (auto turned = right.getDefiningOp<linalg::GenericOp>(); turned && turned.getNumDpsInputs() == 1)
    right = turned.getInputs()[0];
  auto read = right.getDefiningOp<kern::ReadParameterOp>();
  return read &&
         llvm::any_of(writesOf(update), [&](auto write) { return write.getParameter() == read.getParameter(); });
}

/// True if what the body gives for elements that are 0 is `wanted`.
bool givesForZero(Block &body, Value value, TypedAttr wanted) {
  DenseMap<Value, Attribute> known;
  Builder b(body.getParent()->getContext());
  for (BlockArgument argument : body.getArguments().drop_back()) // but the accumulator
    known[argument] = b.getZeroAttr(argument.getType());
  for (Operation &op : body.without_terminator()) {
    SmallVector<Attribute> operands =
        llvm::map_to_vector(op.getOperands(), [&](Value operand) { return known.lookup(operand); });
    SmallVector<OpFoldResult> results;
    if (op.getNumResults() != 1) return false;
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      known[op.getResult(0)] = constant.getValue();
    else if (llvm::all_of(operands, [](Attribute a) { return bool(a); }) && succeeded(op.fold(operands, results)) &&
             results.size() == 1)
      known[op.getResult(0)] = dyn_cast<Attribute>(results[0]);
  }
  return known.lookup(value) == wanted;
}
/// True if it folds all elements of the value that it reads into one, in any order, so also with the zeros behind the
/// last column of panels.
bool foldsPanels(linalg::GenericOp fold, Value value) {
  if (fold.getNumReductionLoops() != fold.getNumLoops() || fold->getNumResults() != 1 || fold.hasIndexSemantics())
    return false;
  for (OpOperand *in : fold.getDpsInputOperands())
    if (in->get() != value || !fold.getMatchingIndexingMap(in).isIdentity()) return false;
  TypedAttr init = lower::initConstant(fold.getDpsInits()[0]);
  Block &body = *fold.getBody();
  auto combine = init ? lower::ReductionCombine::of(body, fold.getNumDpsInputs(), init) : std::nullopt;
  int64_t columns = cast<RankedTensorType>(value.getType()).getShape().back();
  return combine && (columns % lower::panelColumns == 0 || givesForZero(body, combine->elementOfBody(), init));
}

struct UpdateLayouts {
  llvm::StringMap<SmallVector<kern::ReadParameterOp>> reads;
  llvm::StringMap<SmallVector<kern::WriteParameterOp>> writes;
  llvm::SmallSetVector<Operation *, 16> updates; // that may still work over panels

  explicit UpdateLayouts(ModuleOp module) {
    module.walk([&](kern::ReadParameterOp read) { reads[read.getParameter()].push_back(read); });
    module.walk([&](kern::WriteParameterOp write) { writes[write.getParameter()].push_back(write); });
    module.walk([&](linalg::GenericOp op) {
      if (lower::isUpdate(op) && canWait(op)) updates.insert(op);
    });
  }

  /// As the epilogue of the product that makes its gradient, or as a pass of its own.
  bool canBeOverPanels(linalg::GenericOp update) const {
    lower::TensorSizes sizes(update->getParentOfType<func::FuncOp>());
    return lower::isElementwise(update, sizes) && (lower::productOf(update, sizes) || readsPanels(update, sizes));
  }

  /// Element by element its own param and states and gradients that may be made in panels; beside these scalars.
  bool readsPanels(linalg::GenericOp update, const lower::TensorSizes &sizes) const {
    return llvm::all_of(update.getDpsInputOperands(), [&](OpOperand *in) {
      AffineMap map = update.getMatchingIndexingMap(in);
      if (map.getNumResults() == 0) return true;
      if (!map.isIdentity()) return false;
      auto read = in->get().getDefiningOp<kern::ReadParameterOp>();
      return read ? llvm::any_of(writesOf(update),
                                 [&](auto write) { return write.getParameter() == read.getParameter(); })
                  : mayLieInPanels(in->get(), sizes);
    });
  }

  /// A product, or what its epilogue makes of it, that nothing reads but updates over panels and folds.
  bool mayLieInPanels(Value gradient, const lower::TensorSizes &sizes) const {
    auto type = cast<RankedTensorType>(gradient.getType());
    if (type.getRank() != 2 || !type.hasStaticShape() || !type.getElementType().isF32() ||
        type.getShape().back() < lower::panelColumns || type.getNumElements() == 0)
      return false;
    Operation *maker = gradient.getDefiningOp();
    if (auto epilogue = dyn_cast_or_null<linalg::GenericOp>(maker))
      maker = lower::isElementwise(epilogue, sizes) && epilogue->getNumResults() == 1
                  ? lower::productOf(epilogue, sizes)
                  : nullptr;
    return isMatrixProduct(maker) && llvm::all_of(gradient.getUses(), [&](OpOperand &use) {
             auto reader = dyn_cast<linalg::GenericOp>(use.getOwner());
             if (!reader || reader->getBlock() != maker->getBlock()) return false;
             return foldsPanels(reader, gradient) ||
                    (updates.contains(reader) && reader.getMatchingIndexingMap(&use).isIdentity());
           });
  }

  /// An update reads its own param once, element by element.
  bool isOwnRead(OpOperand &use, StringRef path) const {
    auto update = dyn_cast<linalg::GenericOp>(use.getOwner());
    if (!update || !updates.contains(update) || !update.getMatchingIndexingMap(&use).isIdentity()) return false;
    bool once = llvm::count_if(update->getOperands(), [&](Value value) {
                  auto read = value.getDefiningOp<kern::ReadParameterOp>();
                  return read && read.getParameter() == path;
                }) == 1;
    return once && llvm::any_of(writesOf(update), [&](auto write) { return write.getParameter() == path; });
  }

  bool liesInPanels(kern::ParameterOp parameter) const {
    auto type = cast<RankedTensorType>(parameter.getType());
    if (type.getRank() != 2 || !type.getElementType().isF32() || type.getNumElements() == 0) return false;
    auto path = parameter.getSymName();
    for (kern::WriteParameterOp write : writes.find(path)->second)
      if (!updates.contains(write.getValue().getDefiningOp())) return false;
    auto known = reads.find(path);
    return known == reads.end() || llvm::all_of(known->second, [&](kern::ReadParameterOp read) {
             return llvm::all_of(read->getUses(), [&](OpOperand &use) {
               return isOwnRead(use, path) ||
                      (!read.getState() && (lower::isRightHandSide(use) || lower::isTransposedRightHandSide(use)));
             });
           });
  }

  /// The params that lie so, once all updates that write one of the others are gone.
  llvm::StringSet<> paramsInPanels(ModuleOp module) {
    while (true) {
      llvm::StringSet<> found;
      for (auto parameter : module.getOps<kern::ParameterOp>())
        if (writes.contains(parameter.getSymName()) && liesInPanels(parameter)) found.insert(parameter.getSymName());
      bool removed = updates.remove_if([&](Operation *op) {
        auto update = cast<linalg::GenericOp>(op);
        return !canBeOverPanels(update) ||
               llvm::any_of(writesOf(update), [&](auto write) { return !found.contains(write.getParameter()); });
      });
      if (!removed) return found;
    }
  }
};
} // namespace

graph::Shape lower::panelShape(ArrayRef<graph::Dim> matrix) {
  return {matrix[1].ceilDiv(panelColumns), matrix[0], panelColumns};
}

Operation *lower::productOf(linalg::GenericOp epilogue, const TensorSizes &sizes) {
  Operation *last = nullptr;
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    Operation *product = in->get().getDefiningOp();
    if (!isMatrixProduct(product) || !product->hasOneUse() || !canBeEpilogue(product, epilogue, sizes)) continue;
    if (partsOfEpilogue(product, epilogue, sizes)) continue; // panels are written whole
    if (isUpdate(epilogue) && readsWritten(product, epilogue)) continue;
    if (!last || last->isBeforeInBlock(product)) last = product;
  }
  return last;
}

bool lower::isUpdate(linalg::GenericOp op) {
  return op->getNumResults() && llvm::all_of(op->getResults(), [](Value result) {
           return result.hasOneUse() && isa<kern::WriteParameterOp>(*result.user_begin());
         });
}

bool lower::isUpdateOfPanels(linalg::GenericOp op) { return isUpdate(op) && layoutOf(*op->user_begin()) == "panels"; }

llvm::StringSet<> lower::writtenParamsInPanels(ModuleOp module) { return UpdateLayouts(module).paramsInPanels(module); }

DenseSet<Operation *> lower::madeInPanels(Block &block, function_ref<bool(linalg::GenericOp)> isEpilogue) {
  DenseSet<Operation *> made;
  for (auto update : block.getOps<linalg::GenericOp>()) {
    if (!isUpdateOfPanels(update) || isEpilogue(update)) continue;
    for (OpOperand *in : update.getDpsInputOperands()) {
      Operation *maker = in->get().getDefiningOp();
      if (update.getMatchingIndexingMap(in).isIdentity() && maker && !isa<kern::ReadParameterOp>(maker))
        made.insert(maker);
    }
  }
  return made;
}
