// Pass split-fma: fma as a product and a sum, in functions whose level is without the instruction
// (support::IsaLevel::fma).
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/kernels/build_kernels.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace {
template <typename Fma> void split(Fma fma) {
  OpBuilder b(fma);
  Value product = b.create<LLVM::FMulOp>(fma.getLoc(), fma.getA(), fma.getB());
  Value sum = b.create<LLVM::FAddOp>(fma.getLoc(), product, fma.getC());
  fma->getResult(0).replaceAllUsesWith(sum);
  fma.erase();
}

struct SplitFma : PassWrapper<SplitFma, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SplitFma)
  StringRef getArgument() const final { return "split-fma"; }
  StringRef getDescription() const final { return "Turn fma into a product and a sum where the level has none"; }
  void runOnOperation() final {
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      if (graphc::lower::levelOf(function).fma) continue;
      function.walk([](Operation *op) {
        llvm::TypeSwitch<Operation *>(op).Case<LLVM::FMAOp, LLVM::FMulAddOp>([](auto fma) { split(fma); });
      });
    }
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createSplitFmaPass() { return std::make_unique<SplitFma>(); }
