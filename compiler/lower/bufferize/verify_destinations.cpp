// verify-destinations: refuses the one shape of program that bufferization miscompiles without a word
// (docs/architecture.md): a destination saved with `restrict writable` whose bytes the same block also reads as a
// tensor. Eliminating empty tensors then adds a second to_tensor of those bytes, and the analysis sees no conflict. Two
// to_tensor of the same bytes break `restrict` likewise.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace graphc;

namespace {
struct ByteRange {
  Value base; // a buffer that is no view
  uint64_t begin = 0, end = UINT64_MAX;
  bool overlaps(const ByteRange &other) const {
    if (begin == end || other.begin == other.end) return false;
    return base == other.base && begin < other.end && other.begin < end;
  }
};

/// Where a buffer's bytes lie. A view whose offset is no constant counts as all of its base.
ByteRange rangeOf(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  std::optional<uint64_t> size = type.hasStaticShape() ? lower::byteSize(type) : std::nullopt;
  uint64_t offset = 0;
  bool exact = size.has_value();
  Value base = buffer;
  while (auto view = base.getDefiningOp<ViewLikeOpInterface>()) {
    APInt shift;
    if (auto bytes = dyn_cast<memref::ViewOp>(view.getOperation())) {
      if (matchPattern(bytes.getByteShift(), m_ConstantInt(&shift)))
        offset += shift.getZExtValue();
      else
        exact = false;
    } else if (isa<memref::SubViewOp>(view)) {
      exact = false;
    } else if (auto cast = dyn_cast<memref::ReinterpretCastOp>(view.getOperation())) {
      if (!llvm::all_equal({int64_t(0), cast.getStaticOffset(0)})) exact = false;
    }
    base = view.getViewSource();
  }
  return exact ? ByteRange{base, offset, offset + *size} : ByteRange{base};
}

struct VerifyDestinations : PassWrapper<VerifyDestinations, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VerifyDestinations)
  StringRef getArgument() const final { return "verify-destinations"; }
  StringRef getDescription() const final { return "Refuse destinations that bufferization would miscompile"; }

  void runOnOperation() override {
    getOperation().walk([&](func::FuncOp function) {
      for (Block &block : function.getBody()) verify(block);
    });
  }

  void verify(Block &block) {
    SmallVector<std::pair<Operation *, ByteRange>> reads, writes;
    for (Operation &op : block) {
      if (auto read = dyn_cast<bufferization::ToTensorOp>(op)) reads.push_back({&op, rangeOf(read.getMemref())});
      auto save = dyn_cast<bufferization::MaterializeInDestinationOp>(op);
      if (save && isa<BaseMemRefType>(save.getDest().getType())) writes.push_back({&op, rangeOf(save.getDest())});
    }
    for (size_t i = 0; i < reads.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (reads[i].second.overlaps(reads[j].second))
          refuse(reads[i].first, "reads bytes that another to_tensor reads");
    for (size_t i = 0; i < writes.size(); ++i) {
      for (auto &read : reads)
        if (cast<bufferization::MaterializeInDestinationOp>(writes[i].first).getRestrict() &&
            writes[i].second.overlaps(read.second))
          refuse(writes[i].first, "has a restrict destination that the block reads");
      for (size_t j = 0; j < i; ++j)
        if (writes[i].second.overlaps(writes[j].second))
          refuse(writes[i].first, "has a destination that is written twice");
    }
  }

  void refuse(Operation *op, StringRef reason) {
    op->emitOpError(reason);
    signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> lower::createVerifyDestinationsPass() { return std::make_unique<VerifyDestinations>(); }
