// fuse-updates: what a training step writes back is made in one pass. An elementwise producer that is read by one
// consumer over the same elements, and otherwise only written to the model, joins that consumer as one more result of
// it: Adam's m, v and param become one linalg.generic with three results. Before: fuse-elementwise, which leaves such
// producers alone, since it fuses only what nobody else reads. After: each write of such a result stands behind the
// generic that makes it.
#include "compiler/lower/fuse/join_pair.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace graphc;

namespace {
/// The one consumer of a producer that is otherwise written to the model alone; `writes` are those. Null: there is
/// none.
linalg::GenericOp consumerOf(linalg::GenericOp producer, SmallVectorImpl<kern::WriteParameterOp> &writes) {
  linalg::GenericOp consumer;
  for (Operation *user : producer->getUsers()) {
    if (auto write = dyn_cast<kern::WriteParameterOp>(user)) {
      writes.push_back(write);
      continue;
    }
    auto generic = dyn_cast<linalg::GenericOp>(user);
    if (!generic || (consumer && consumer != generic)) return nullptr;
    consumer = generic;
  }
  return writes.empty() ? nullptr : consumer;
}

/// True if nothing between the write and `place`, which stands behind it, could see that the write came later.
bool canMoveBehind(kern::WriteParameterOp write, Operation *place) {
  for (Operation *op = write->getNextNode(); op && op != place; op = op->getNextNode()) {
    if (isa<CallOpInterface>(op)) return false; // may touch the state
    if (auto read = dyn_cast<kern::ReadParameterOp>(op); read && read.getParameter() == write.getParameter())
      return false;
    if (auto other = dyn_cast<kern::WriteParameterOp>(op); other && other.getParameter() == write.getParameter())
      return false;
  }
  return true;
}

/// True if the producer became a part of its consumer.
bool fuse(RewriterBase &rewriter, linalg::GenericOp producer) {
  SmallVector<kern::WriteParameterOp> writes;
  linalg::GenericOp consumer = consumerOf(producer, writes);
  if (!consumer || !lower::isOverItsElements(producer) || !lower::isOverItsElements(consumer)) return false;
  OpOperand *operand = lower::joiningOperand(producer, consumer);
  bool canMove = llvm::all_of(writes, [&](kern::WriteParameterOp write) {
    return consumer->isBeforeInBlock(write) || canMoveBehind(write, consumer);
  });
  if (!operand || !canMove) return false;
  linalg::GenericOp joined = lower::joinPair(rewriter, operand);
  if (!joined) return false;
  for (kern::WriteParameterOp write : writes)
    if (write->isBeforeInBlock(joined)) write->moveAfter(joined);
  return true;
}

struct FuseUpdates : PassWrapper<FuseUpdates, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseUpdates)
  StringRef getArgument() const final { return "fuse-updates"; }
  StringRef getDescription() const final { return "Fuse what is written to the model into its elementwise readers"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<linalg::LinalgDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> producers;
    getOperation().walk([&](linalg::GenericOp op) { producers.push_back(op); });
    bool changed = false;
    for (linalg::GenericOp producer : llvm::reverse(producers)) // so that none was a consumer before
      changed |= fuse(rewriter, producer);
    if (!changed) return;
    RewritePatternSet patterns(&getContext()); // a gradient that two of the fused ones read is one operand
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns)))) signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createFuseUpdatesPass() { return std::make_unique<FuseUpdates>(); }
