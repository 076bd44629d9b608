// join_pair.h.
#include "compiler/lower/fuse/join_pair.h"
#include "compiler/lower/fuse/body_size.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

using namespace mlir;

bool graphc::lower::isOverItsElements(linalg::GenericOp op) {
  if (op.getNumReductionLoops() || !op.hasPureTensorSemantics()) return false;
  return llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.getMatchingIndexingMap(&init).isIdentity() && !op.payloadUsesValueFromOperand(&init);
  });
}

OpOperand *graphc::lower::joiningOperand(linalg::GenericOp producer, linalg::GenericOp reader) {
  if (producer.getNumLoops() != reader.getNumLoops() || !staySmall(producer, reader)) return nullptr;
  OpOperand *found = nullptr;
  for (OpOperand &operand : reader->getOpOperands()) {
    if (operand.get().getDefiningOp() != producer) continue;
    if (found || !reader.isDpsInput(&operand) || !reader.getMatchingIndexingMap(&operand).isIdentity()) return nullptr;
    found = &operand;
  }
  return found && linalg::areElementwiseOpsFusable(found) ? found : nullptr;
}

linalg::GenericOp graphc::lower::joinPair(RewriterBase &rewriter, OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp(), *reader = operand->getOwner();
  rewriter.setInsertionPoint(reader);
  FailureOr<linalg::ElementwiseOpFusionResult> fused = linalg::fuseElementwiseOps(rewriter, operand);
  if (failed(fused)) return nullptr;
  for (auto [old, made] : fused->replacements) old.replaceAllUsesWith(made);
  reader->erase();
  producer->erase();
  return cast<linalg::GenericOp>(fused->fusedOp);
}
