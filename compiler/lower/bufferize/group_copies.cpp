// group-copies (-O0 only): without eliminate-empty-tensors each output is made elsewhere and copied. Such memref.copy
// becomes an elementwise run that copies flat memory; MLIR's own lowering would call memrefCopy, which no library has.
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/kernel_table.h"
#include "compiler/lower/fuse/tensor_sizes.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc;

namespace {
struct GroupCopies : PassWrapper<GroupCopies, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(GroupCopies)
  StringRef getArgument() const final { return "group-copies"; }
  StringRef getDescription() const final { return "Turn copies of dense buffers into kern.run"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, kern::KernDialect, arith::ArithDialect>();
  }

  void runOnOperation() override {
    lower::KernelTable table(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) groupCopies(function, table);
  }

  void groupCopies(func::FuncOp function, lower::KernelTable &table) {
    lower::TensorSizes sizes(function);
    function.walk([&](memref::CopyOp copy) {
      auto source = dyn_cast<MemRefType>(copy.getSource().getType());
      auto target = dyn_cast<MemRefType>(copy.getTarget().getType());
      auto dense = [](MemRefType type) { return type && type.getLayout().isIdentity(); };
      std::optional<graph::Shape> shape = sizes.shapeOf(copy.getTarget());
      if (!dense(source) || !dense(target) || !shape) {
        copy.emitOpError("copies a buffer that is not dense or of unknown size");
        return signalPassFailure();
      }
      OpBuilder b(copy);
      Value size = getValueOrCreateConstantIndexOp(b, copy.getLoc(), sizes.value(lower::productOf(*shape)));
      b.create<kern::RunOp>(copy.getLoc(), table.copyKernel(copy.getLoc(), source.getElementType()),
                            ValueRange{copy.getSource(), size}, copy.getTarget());
      copy.erase();
    });
  }
};
} // namespace

std::unique_ptr<Pass> lower::createGroupCopiesPass() { return std::make_unique<GroupCopies>(); }
