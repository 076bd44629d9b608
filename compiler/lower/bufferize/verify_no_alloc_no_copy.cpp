// verify-no-alloc-no-copy: after plan-arena no entry allocates, frees or copies. A call of the library never touches
// the heap.
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace {
struct VerifyNoAllocNoCopy : PassWrapper<VerifyNoAllocNoCopy, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VerifyNoAllocNoCopy)
  StringRef getArgument() const final { return "verify-no-alloc-no-copy"; }
  StringRef getDescription() const final { return "Refuse allocations and copies"; }

  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      bool bufferizationLeft = isa_and_nonnull<bufferization::BufferizationDialect>(op->getDialect());
      if (!bufferizationLeft &&
          !isa<memref::AllocOp, memref::AllocaOp, memref::ReallocOp, memref::DeallocOp, memref::CopyOp>(op))
        return;
      op->emitOpError("is left: an entry must not allocate or copy");
      signalPassFailure();
    });
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createVerifyNoAllocNoCopyPass() { return std::make_unique<VerifyNoAllocNoCopy>(); }
