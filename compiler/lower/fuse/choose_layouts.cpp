// How each param lies in the model block, by what all its readers want: as panels, if they are right-hand sides of
// contractions; as 36 transformed matrices, if they are the filters of convolutions for which that pays; else as rows.
// Those that are written: update_layouts.cpp.
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/kernels/panels.h"
#include "compiler/lower/kernels/product.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc;

namespace {
/// A view of filters as the matrix of their last axis, or null.
tensor::CollapseShapeOp matrixView(Operation *op) {
  auto view = dyn_cast<tensor::CollapseShapeOp>(op);
  if (!view || view.getResultType().getRank() != 2) return nullptr;
  return view.getReassociationIndices().back().size() == 1 ? view : nullptr;
}

bool isMatrixOfContraction(OpOperand &use) {
  return lower::isContraction(use.getOwner()) && use.getOperandNumber() == 1 &&
         (lower::isConvolution(use.getOwner()) || cast<RankedTensorType>(use.get().getType()).getRank() == 2);
}

} // namespace

bool lower::isRightHandSide(OpOperand &use) {
  if (auto view = matrixView(use.getOwner()))
    return !view->use_empty() && llvm::all_of(view->getUses(), isMatrixOfContraction);
  return isMatrixOfContraction(use);
}

static RankedTensorType panelsOf(RankedTensorType type) {
  int64_t n = type.getShape().back(), k = 1;
  for (int64_t size : type.getShape().drop_back()) k *= size;
  k = int64_t(llvm::alignTo(k, lower::elementsOfGroup(type.getElementType())));
  return RankedTensorType::get({int64_t(llvm::divideCeil(n, lower::panelColumns)), k, lower::panelColumns},
                               type.getElementType());
}

StringRef lower::layoutOf(Operation *op) {
  return SymbolTable::lookupNearestSymbolFrom<kern::ParameterOp>(op, op->getAttrOfType<SymbolRefAttr>("parameter"))
      .getLayout();
}

void lower::chooseLayouts(ModuleOp module, bool winograd) {
  llvm::StringMap<SmallVector<kern::ReadParameterOp>> reads;
  llvm::StringSet<> written; // the new value comes as rows
  module.walk([&](kern::ReadParameterOp read) { reads[read.getParameter()].push_back(read); });
  module.walk([&](kern::WriteParameterOp write) { written.insert(write.getParameter()); });
  llvm::StringSet<> updated = writtenParamsInPanels(module);
  for (auto parameter : module.getOps<kern::ParameterOp>()) {
    if (updated.contains(parameter.getSymName())) { // the reads get its type when their groups are formed
      parameter.setLayout("panels");
      parameter.setStored(panelsOf(cast<RankedTensorType>(parameter.getType())));
    }
    if (written.contains(parameter.getSymName())) continue;
    auto &readers = reads[parameter.getSymName()];
    auto all = [&](function_ref<bool(OpOperand &)> want) {
      return !readers.empty() && llvm::all_of(readers, [&](kern::ReadParameterOp read) {
        return !read.getState() && !read->use_empty() && llvm::all_of(read->getUses(), want);
      });
    };
    auto type = cast<RankedTensorType>(parameter.getType()), stored = type;
    auto isTransformed = [&](OpOperand &use) {
      return isMatrixOfContraction(use) && lower::prefersWinograd(use.getOwner(), type);
    };
    if (winograd && all(isTransformed)) {
      parameter.setLayout("winograd");
      stored = winogradFilters(type);
    } else if (all(isRightHandSide)) {
      parameter.setLayout("panels");
      stored = panelsOf(type);
    } else {
      continue;
    }
    parameter.setStored(stored);
    for (kern::ReadParameterOp read : readers) {
      read.getValue().setType(stored);
      for (Operation *user : llvm::make_early_inc_range(read->getUsers())) {
        tensor::CollapseShapeOp view = matrixView(user);
        if (!view) continue;
        view.replaceAllUsesWith(read.getValue());
        view.erase();
      }
    }
  }
}
