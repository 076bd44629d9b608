// fuse-elementwise: chains of elementwise linalg.generic become one, and splat constants move into the bodies. A
// producer is fused if it has one reader and the reader asks for each of its elements once: nothing is ever computed
// twice. Bodies stay below a size: beyond it memory traffic no longer counts, registers spill, and fusing a chain of n
// ops would take time in n squared.
#include "compiler/lower/fuse/body_size.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace graphc;

namespace {
/// True if the consumer visits every element of the operand exactly once (a broadcast or a smaller read would repeat
/// work).
bool readsOnce(OpOperand *operand) {
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  if (!consumer || !consumer.getMatchingIndexingMap(operand).isProjectedPermutation(true)) return false; // a window
  lower::TensorSizes sizes(consumer->getParentOfType<func::FuncOp>());
  std::optional<graph::Shape> loops = sizes.loopSizes(consumer), shape = sizes.shapeOf(operand->get());
  if (!loops || !shape) return false;
  auto isOne = [](const graph::Dim &size) { return size.is(1); };
  llvm::erase_if(*loops, isOne);
  llvm::erase_if(*shape, isOne);
  return *loops == *shape;
}

/// Rows and reductions go over whole tensors: what takes a part of one stays apart from them.
bool takesPart(Operation *producer) {
  return llvm::any_of(cast<linalg::LinalgOp>(producer).getIndexingMapsArray(),
                      [](AffineMap map) { return !map.isProjectedPermutation(/*allowZeroInResults=*/true); });
}
bool isParallel(Operation *consumer) { return !cast<linalg::LinalgOp>(consumer).getNumReductionLoops(); }

struct FuseElementwise : PassWrapper<FuseElementwise, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseElementwise)
  StringRef getArgument() const final { return "fuse-elementwise"; }
  StringRef getDescription() const final { return "Fuse chains of elementwise linalg.generic that repeat no work"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<linalg::LinalgDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      return isa_and_nonnull<linalg::LinalgOp>(producer) && producer->hasOneUse() && readsOnce(operand) &&
             lower::staySmall(producer, operand->getOwner()) &&
             (!takesPart(producer) || isParallel(operand->getOwner()));
    });
    GreedyRewriteConfig config;
    config.useTopDownTraversal = true;
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns), config))) signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createFuseElementwisePass() { return std::make_unique<FuseElementwise>(); }
