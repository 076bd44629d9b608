// Which params that a training step writes lie in panels. A gradient is a product dW = X^T dY; with the optimizer as
// its epilogue, param and states are read and written tile by tile in whatever layout, so they may have the one that
// the forward pass reads: nothing is packed in a call, and each tile's part of them is a run of memory. The condition:
// every reader is a right-hand side, also a transposed one, or such an update, and every write comes from one. Else
// rows.
#include "compiler/lower/fuse/group_former.h"
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

/// True if the product reads what the update would write under its eyes.
bool readsWritten(linalg::MatmulOp product, linalg::GenericOp update) {
  auto read = product->getOperand(1).getDefiningOp<kern::ReadParameterOp>();
  return read &&
         llvm::any_of(writesOf(update), [&](auto write) { return write.getParameter() == read.getParameter(); });
}

/// True if it can be the epilogue of the product that makes its gradient.
bool hasProduct(linalg::GenericOp update) {
  lower::TensorSizes sizes(update->getParentOfType<func::FuncOp>());
  if (!lower::isElementwise(update, sizes)) return false;
  return llvm::any_of(update.getDpsInputOperands(), [&](OpOperand *in) {
    auto product = in->get().getDefiningOp<linalg::MatmulOp>();
    if (!product || !product->hasOneUse() || !lower::isContraction(product) || readsWritten(product, update))
      return false;
    return lower::canBeEpilogue(product, update, sizes);
  });
}

struct UpdateLayouts {
  llvm::StringMap<SmallVector<kern::ReadParameterOp>> reads;
  llvm::StringMap<SmallVector<kern::WriteParameterOp>> writes;
  llvm::SmallSetVector<Operation *, 16> updates; // that may still be epilogues over panels

  explicit UpdateLayouts(ModuleOp module) {
    module.walk([&](kern::ReadParameterOp read) { reads[read.getParameter()].push_back(read); });
    module.walk([&](kern::WriteParameterOp write) { writes[write.getParameter()].push_back(write); });
    module.walk([&](linalg::GenericOp op) {
      if (lower::isUpdate(op) && canWait(op) && hasProduct(op)) updates.insert(op);
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
};
} // namespace

bool lower::isUpdate(linalg::GenericOp op) {
  return op->getNumResults() && llvm::all_of(op->getResults(), [](Value result) {
           return result.hasOneUse() && isa<kern::WriteParameterOp>(*result.user_begin());
         });
}

bool lower::isUpdateOfPanels(linalg::GenericOp op) { return isUpdate(op) && layoutOf(*op->user_begin()) == "panels"; }

llvm::StringSet<> lower::writtenParamsInPanels(ModuleOp module) {
  UpdateLayouts layouts(module);
  llvm::StringSet<> found;
  for (size_t before = SIZE_MAX; before != layouts.updates.size();) { // until all that an update writes lies so
    before = layouts.updates.size();
    found.clear();
    for (auto parameter : module.getOps<kern::ParameterOp>())
      if (layouts.writes.contains(parameter.getSymName()) && layouts.liesInPanels(parameter))
        found.insert(parameter.getSymName());
    layouts.updates.remove_if([&](Operation *update) {
      return llvm::any_of(writesOf(cast<linalg::GenericOp>(update)),
                          [&](auto write) { return !found.contains(write.getParameter()); });
    });
  }
  return found;
}
