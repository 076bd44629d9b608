// plan-arena: every memref.alloc of an entry becomes a view of the arena argument at a planned offset.
// Buffers whose lifetimes do not meet share bytes (lowest offset that fits, in order of birth); a run's out takes over
// the bytes of an in that dies there when the kernel allows it (`inplace`). Entries are one block, so a lifetime is
// first use .. last use in program order. Attributes on the entry state what was planned: graph.arena_bytes,
// graph.arena_buffers, graph.arena_inplace.
#include "compiler/lower/entries.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace graphc;

namespace {
struct Buffer {
  memref::AllocOp op;
  uint64_t bytes = 0, offset = 0; // bytes: rounded up to the alignment
  unsigned order = 0;             // of the allocs in the program
  unsigned birth = UINT_MAX, death = 0;
  kern::RunOp takenBy;    // last run whose out took over the bytes
  Buffer *host = nullptr; // shares the host's bytes; the host lives as long as its guests
};

/// The plan of one entry.
class ArenaPlan {
public:
  explicit ArenaPlan(func::FuncOp entry) : entry(entry) {}
  uint64_t total = 0;
  unsigned shared = 0;

  LogicalResult collect() {
    DenseMap<Operation *, unsigned> number;
    for (Operation &op : entry.getBody().front()) {
      number[&op] = program.size();
      program.push_back(&op);
    }
    BufferViewFlowAnalysis aliases(entry);
    WalkResult walked = entry.walk([&](memref::AllocOp alloc) {
      auto type = alloc.getType();
      auto bytes = type.hasStaticShape() && type.getLayout().isIdentity() ? lower::byteSize(type) : std::nullopt;
      if (!bytes || alloc->getBlock() != &entry.getBody().front()) {
        alloc.emitOpError("has no size that can be planned");
        return WalkResult::interrupt();
      }
      auto buffer = std::make_unique<Buffer>();
      buffer->op = alloc;
      buffer->order = buffers.size();
      buffer->bytes = lower::alignBytes(*bytes);
      for (Value alias : aliases.resolve(alloc.getResult()))
        for (Operation *user : alias.getUsers()) {
          unsigned when = number.lookup(entry.getBody().front().findAncestorOpInBlock(*user));
          buffer->birth = std::min(buffer->birth, when);
          buffer->death = std::max(buffer->death, when);
        }
      if (buffer->birth == UINT_MAX) buffer->birth = buffer->death = number.lookup(alloc); // never used
      for (Value alias : aliases.resolve(alloc.getResult())) ownerOf[alias] = buffer.get();
      buffers.push_back(std::move(buffer));
      return WalkResult::advance();
    });
    llvm::sort(buffers, [](auto &a, auto &b) { return std::tie(a->birth, a->order) < std::tie(b->birth, b->order); });
    return failure(walked.wasInterrupted());
  }

  void shareInPlace() {
    for (auto &buffer : buffers) {
      auto run = dyn_cast<kern::RunOp>(program[buffer->birth]);
      if (!run) continue;
      ArrayRef<int64_t> pairs = run.getInplace().value_or(ArrayRef<int64_t>());
      for (size_t i = 0; i + 1 < pairs.size() && !buffer->host; i += 2) {
        Value in = run.getIns()[pairs[i]], out = run.getOuts()[pairs[i + 1]];
        Buffer *source = ownerOf.lookup(in);
        if (ownerOf.lookup(out) != buffer.get() || !source || readTwice(run, source)) continue;
        while (source->host) source = source->host;
        if (source->bytes != buffer->bytes || source->death > buffer->birth || source == buffer.get()) continue;
        if (source->takenBy == run) continue; // by another out of the same run
        source->takenBy = run;
        buffer->host = source;
        source->death = buffer->death;
        ++shared;
      }
    }
  }

  LogicalResult place() {
    for (size_t i = 0; i < buffers.size(); ++i) {
      Buffer &buffer = *buffers[i];
      if (buffer.host) continue;
      SmallVector<std::pair<uint64_t, uint64_t>> busy;
      for (size_t j = 0; j < i; ++j) {
        Buffer &other = *buffers[j];
        if (!other.host && other.death >= buffer.birth && buffer.death >= other.birth)
          busy.push_back({other.offset, other.offset + other.bytes});
      }
      llvm::sort(busy);
      for (auto [begin, end] : busy) {
        if (buffer.offset + buffer.bytes <= begin) break;
        buffer.offset = std::max(buffer.offset, end);
      }
      total = std::max(total, buffer.offset + buffer.bytes);
      if (total >= uint64_t(lower::flatElements))
        return lower::sizeLimitError(entry, "the values that '" + entry.getSymName() +
                                                "' computes on its way take more than any memory holds "
                                                "(limit 2^40 bytes)");
    }
    return success();
  }

  void rewrite() {
    if (buffers.empty()) return;
    Value arena = lower::arenaArgument(entry);
    for (auto &buffer : buffers) {
      const Buffer *host = buffer.get();
      while (host->host) host = host->host;
      OpBuilder b(buffer->op);
      Value offset = b.create<arith::ConstantIndexOp>(buffer->op.getLoc(), host->offset);
      auto type = MemRefType::get(buffer->op.getType().getShape(), buffer->op.getType().getElementType());
      Value view = b.create<memref::ViewOp>(buffer->op.getLoc(), type, arena, offset, ValueRange());
      buffer->op.replaceAllUsesWith(view);
      buffer->op.erase();
    }
  }

  size_t count() const { return buffers.size(); }

private:
  /// An in that the kernel also reads under another map must keep its bytes.
  bool readTwice(kern::RunOp run, Buffer *source) {
    return llvm::count_if(run.getIns(), [&](Value in) { return ownerOf.lookup(in) == source; }) > 1;
  }

  func::FuncOp entry;
  SmallVector<Operation *> program;
  SmallVector<std::unique_ptr<Buffer>> buffers;
  DenseMap<Value, Buffer *> ownerOf;
};

struct PlanArena : PassWrapper<PlanArena, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlanArena)
  explicit PlanArena(support::LibraryDescription *library) : library(library) {}
  StringRef getArgument() const final { return "plan-arena"; }
  StringRef getDescription() const final { return "Place the entries' buffers in the arena"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<memref::MemRefDialect, arith::ArithDialect>();
  }
  support::LibraryDescription *library;

  void runOnOperation() override {
    for (auto [position, entry] : llvm::enumerate(lower::entriesOf(getOperation()))) {
      ArenaPlan plan(entry);
      if (failed(plan.collect())) return signalPassFailure();
      plan.shareInPlace();
      if (failed(plan.place())) return signalPassFailure();
      plan.rewrite();
      OpBuilder b(entry.getContext());
      entry->setAttr(lower::arenaBytesAttr, b.getI64IntegerAttr(plan.total));
      entry->setAttr("graph.arena_buffers", b.getI64IntegerAttr(plan.count()));
      entry->setAttr("graph.arena_inplace", b.getI64IntegerAttr(plan.shared));
      if (library && position < library->entries.size()) library->entries[position].arenaBytes = plan.total;
    }
  }
};
} // namespace

std::unique_ptr<Pass> lower::createPlanArenaPass(support::LibraryDescription *library) {
  return std::make_unique<PlanArena>(library);
}
