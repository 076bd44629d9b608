// fuse-updates: what a training step writes back is made in one pass. An elementwise producer that is read by one
// consumer over the same elements, and otherwise only written to the model, joins that consumer as one more result of
// it: Adam's m, v and param become one linalg.generic with three results. So does one with several readers, where all
// that comes of them is written: of a step that is made or not (accumulated or scaled gradients), m is chosen between
// old and new for the model, and the new one makes the param. Before: fuse-elementwise, which leaves such producers
// alone, since it fuses only what nobody else reads. After: each write of such a result stands behind the generic that
// makes it.
#include "compiler/lower/fuse/join_pair.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace graphc;

namespace {
/// True if nothing comes of the op's results but what is made of them element by element and written to the model.
bool isOnlyWritten(linalg::GenericOp op) {
  llvm::SmallSetVector<Operation *, 8> reached; // each once, however many ways lead there
  reached.insert(op);
  for (size_t i = 0; i < reached.size(); ++i) {
    if (isa<kern::WriteParameterOp>(reached[i])) continue;
    auto generic = dyn_cast<linalg::GenericOp>(reached[i]);
    if (!generic || !lower::isOverItsElements(generic)) return false;
    reached.insert(generic->user_begin(), generic->user_end());
  }
  return true;
}

/// The consumer that a producer may join: the only one, where the producer is otherwise written to the model alone; or
/// the first one, where all that comes of it is written. `writes` are those of the producer. Null: there is none.
linalg::GenericOp consumerOf(linalg::GenericOp producer, SmallVectorImpl<kern::WriteParameterOp> &writes) {
  llvm::SmallSetVector<linalg::GenericOp, 4> consumers;
  for (Operation *user : producer->getUsers()) {
    if (auto write = dyn_cast<kern::WriteParameterOp>(user))
      writes.push_back(write);
    else if (auto generic = dyn_cast<linalg::GenericOp>(user))
      consumers.insert(generic);
    else
      return nullptr;
  }
  if (consumers.empty()) return nullptr;
  if (consumers.size() == 1 && !writes.empty()) return consumers.front();
  if (!isOnlyWritten(producer)) return nullptr;
  return *llvm::min_element(consumers, [](auto a, auto b) { return a->isBeforeInBlock(b); });
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

/// The op that the producer became a part of; null if it did not.
linalg::GenericOp fuse(RewriterBase &rewriter, linalg::GenericOp producer) {
  SmallVector<kern::WriteParameterOp> writes;
  linalg::GenericOp consumer = consumerOf(producer, writes);
  if (!consumer || !lower::isOverItsElements(producer) || !lower::isOverItsElements(consumer)) return nullptr;
  bool canMove = llvm::all_of(writes, [&](kern::WriteParameterOp write) {
    return consumer->isBeforeInBlock(write) || canMoveBehind(write, consumer);
  });
  if (!canMove || !lower::canJoin(producer, consumer)) return nullptr;
  linalg::GenericOp joined = lower::joinPair(rewriter, producer, consumer);
  for (kern::WriteParameterOp write : writes)
    if (write->isBeforeInBlock(joined)) write->moveAfter(joined);
  return joined;
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
    while (!producers.empty()) // the last first, so that none was a consumer before
      if (linalg::GenericOp joined = fuse(rewriter, producers.pop_back_val())) producers.push_back(joined);
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createFuseUpdatesPass() { return std::make_unique<FuseUpdates>(); }
