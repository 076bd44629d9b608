// lower-groups: kern.run on memory -> call of its kernel. Kernels see flat memory: every buffer is handed over as its
// first element's address, which is right only for a dense buffer without an offset. Anything else is refused, because
// bare pointers would drop the offset without a word.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc;

namespace {
struct LowerGroups : PassWrapper<LowerGroups, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerGroups)
  StringRef getArgument() const final { return "lower-groups"; }
  StringRef getDescription() const final { return "Turn each kern.run into a call of its kernel"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<func::FuncDialect, memref::MemRefDialect>();
  }

  void runOnOperation() override {
    WalkResult walked = getOperation().walk([](kern::RunOp run) {
      OpBuilder b(run);
      SmallVector<Value> arguments;
      for (Value operand : run->getOperands()) {
        auto type = dyn_cast<MemRefType>(operand.getType());
        if (!type) {
          arguments.push_back(operand);
          continue;
        }
        if (!type.hasStaticShape() || !type.getLayout().isIdentity()) {
          run.emitOpError("has an operand that is not dense or has an offset");
          return WalkResult::interrupt();
        }
        auto flat = MemRefType::get(lower::flatElements, type.getElementType());
        arguments.push_back(b.create<memref::ReinterpretCastOp>(
            run.getLoc(), flat, operand, /*offset=*/0, ArrayRef<int64_t>{lower::flatElements}, ArrayRef<int64_t>{1}));
      }
      b.create<func::CallOp>(run.getLoc(), run.getKernelAttr(), TypeRange(), arguments);
      run.erase();
      return WalkResult::advance();
    });
    if (walked.wasInterrupted()) signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> lower::createLowerGroupsPass() { return std::make_unique<LowerGroups>(); }
