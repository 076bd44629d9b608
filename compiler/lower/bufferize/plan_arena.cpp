// plan-arena: every memref.alloc of a function becomes a view of the arena argument at a planned offset.
// Buffers whose lifetimes do not meet share bytes (lowest offset that fits, in order of birth or of size); a run's
// out takes over the bytes of an in that dies there when the kernel allows it (`inplace`). Functions are one block, so
// a lifetime is first use .. last use in program order; in functions of control flow it is all of the function.
// Functions that call each other in circles become a machine (recursion_machine.h): their buffers lie in a frame or, if
// they live between two such calls, in an area that all of them share. Under a memory limit runs are moved and repeated
// first (fit_memory.h). Buffers whose sizes named dims decide lie in slots behind the others (arena_slots.h).
// Attributes on the entry state what was planned: graph.arena_bytes (at most), graph.arena_buffers,
// graph.arena_inplace.
#include "compiler/lower/bufferize/arena_slots.h"
#include "compiler/lower/bufferize/fit_memory.h"
#include "compiler/lower/bufferize/recursion_machine.h"
#include "compiler/lower/entries.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/passes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphc;

namespace {
struct Buffer {
  memref::AllocOp op;
  graph::Dim size;                // of a number of bytes: rounded up to the alignment
  uint64_t bytes = 0, offset = 0; // bytes: 0 where the dims decide
  size_t slot = 0;                // then this says where
  unsigned order = 0;             // of the allocs in the program
  unsigned birth = UINT_MAX, death = 0;
  kern::RunOp takenBy;    // last run whose out took over the bytes
  Buffer *host = nullptr; // shares the host's bytes; the host lives as long as its guests
  bool isScratch = false; // of callees, between their calls nothing in it counts
  unsigned area = 0;      // of the plan
};

using Cycle = DenseSet<Operation *>; // functions that call each other in a circle

/// The plan of one entry.
class ArenaPlan {
public:
  /// `cycle`: that the function is in; null: in none.
  explicit ArenaPlan(func::FuncOp entry, const Cycle *cycle = nullptr) : entry(entry), cycle(cycle), sizes(entry) {}

  struct Area {
    uint64_t total = 0; // of what has a number of bytes
    lower::ArenaSlots slots;
  };
  Area areas[2]; // the arena; of a function in a circle its frame and the area of the pieces
  unsigned shared = 0;
  bool isFlatFull = false; // where no plan was found: what has a number of bytes alone is too much

  /// A called function works in a buffer of its caller: its arena. It was planned before.
  LogicalResult addScratch() {
    if (entry->hasAttr(lower::controlAttr)) return addSharedScratch();
    for (auto run : llvm::make_early_inc_range(entry.getOps<kern::RunOp>())) {
      func::FuncOp function = lower::calledFunction(run);
      if (!function || isInCycle(run)) continue;
      std::optional<graph::Dim> bytes = scratchBytes(run, function);
      if (!bytes) return run.emitOpError("passes a size that does not come from the function's dims");
      OpBuilder b(run);
      passScratch(run, makeScratch(b, run.getLoc(), *bytes));
    }
    return success();
  }

  /// What control flow calls runs one after the other: in one buffer, as large as each needs it, that exists once.
  LogicalResult addSharedScratch() {
    SmallVector<std::pair<graph::Dim, SmallVector<kern::RunOp>>> shared; // several where no size covers the others
    SmallVector<kern::RunOp> runs;
    entry.walk([&](kern::RunOp run) {
      if (lower::calledFunction(run) && !isInCycle(run)) runs.push_back(run);
    });
    for (kern::RunOp run : runs) {
      std::optional<graph::Dim> bytes = scratchBytes(run, lower::calledFunction(run));
      if (!bytes) return run.emitOpError("passes a size that does not come from the function's dims");
      auto fits = llvm::find_if(shared, [&](auto &one) { return graph::Dim::cover(one.first, *bytes).has_value(); });
      if (fits == shared.end()) {
        shared.push_back({*bytes, {run}});
      } else {
        fits->first = *graph::Dim::cover(fits->first, *bytes);
        fits->second.push_back(run);
      }
    }
    for (auto &[bytes, users] : shared) {
      OpBuilder b(entry.getBody().front().findAncestorOpInBlock(*users.front()));
      Value scratch = makeScratch(b, entry.getLoc(), bytes);
      for (kern::RunOp run : users) passScratch(run, scratch);
    }
    return success();
  }

  LogicalResult collect() {
    DenseMap<Operation *, unsigned> number;
    for (Operation &op : entry.getBody().front()) {
      number[&op] = program.size();
      program.push_back(&op);
    }
    BufferViewFlowAnalysis aliases(entry);
    WalkResult walked = entry.walk([&](memref::AllocOp alloc) {
      auto type = alloc.getType();
      std::optional<graph::Shape> shape = sizes.shapeOf(alloc);
      if (!shape || !type.getLayout().isIdentity() || (type.hasStaticShape() && !lower::byteSize(type)) ||
          alloc->getBlock() != &entry.getBody().front()) {
        alloc.emitOpError("has no size that can be planned");
        return WalkResult::interrupt();
      }
      auto buffer = std::make_unique<Buffer>();
      buffer->op = alloc;
      buffer->order = buffers.size();
      buffer->isScratch = scratches.contains(alloc);
      int64_t elementBytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
      buffer->size = lower::productOf(*shape) * graph::Dim(elementBytes);
      if (buffer->size.isStatic())
        buffer->size = int64_t(buffer->bytes = lower::alignBytes(buffer->size.staticValue()));
      for (Value alias : aliases.resolve(alloc.getResult()))
        for (Operation *user : alias.getUsers()) {
          unsigned when = number.lookup(entry.getBody().front().findAncestorOpInBlock(*user));
          buffer->birth = std::min(buffer->birth, when);
          buffer->death = std::max(buffer->death, when);
        }
      if (entry->hasAttr(lower::controlAttr)) { // pointers to it take turns: it lives as long as the loop
        buffer->birth = 0;
        buffer->death = program.size();
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
      for (auto [inAt, outAt] : run.inplacePairs()) {
        if (buffer->host) break;
        Value in = run.getIns()[inAt], out = run.getOuts()[outAt];
        Buffer *source = ownerOf.lookup(in);
        if (ownerOf.lookup(out) != buffer.get() || !source || readTwice(run, source)) continue;
        if (!lower::isAtOffsetZero(in) || !lower::isAtOffsetZero(out))
          continue; // a part: at another place of the bytes
        while (source->host) source = source->host;
        if (source->size != buffer->size || source->death > buffer->birth || source == buffer.get()) continue;
        if (source->takenBy == run) continue; // by another out of the same run
        source->takenBy = run;
        buffer->host = source;
        source->death = buffer->death;
        ++shared;
      }
    }
  }

  /// By birth or by size, whichever takes less: in order of birth a small buffer may split the room that a large one
  /// needs later, in order of size short lives do not close up.
  LogicalResult place() {
    if (cycle) chooseAreas();
    std::vector<Buffer *> byBirth;
    for (auto &buffer : buffers)
      if (!buffer->host) byBirth.push_back(buffer.get());
    std::vector<Buffer *> bySize = byBirth;
    llvm::sort(bySize, [](Buffer *x, Buffer *y) {
      return std::make_tuple(-x->size.high(), x->birth, x->order) <
             std::make_tuple(-y->size.high(), y->birth, y->order);
    });
    auto ofSize = placeIn(bySize), ofBirth = placeIn(byBirth); // the last one stays
    if (!ofSize && !ofBirth) return refuse(isFlatFull ? "2^40" : "2^62");
    if (ofSize && (!ofBirth || *ofSize < *ofBirth)) placeIn(bySize);
    return success();
  }

  /// What it takes: of a function in a circle first the frame, of which there are many, then both areas. nullopt past
  /// what flat buffers hold.
  std::optional<std::pair<uint64_t, uint64_t>> placeIn(ArrayRef<Buffer *> order) {
    for (Area &area : areas) area = {};
    for (size_t i = 0; i < order.size(); ++i) {
      Buffer &buffer = *order[i];
      auto &[total, slots] = areas[buffer.area];
      if (!buffer.size.isStatic()) {
        buffer.slot = slots.place(buffer.size, buffer.birth, buffer.death);
        continue;
      }
      SmallVector<std::pair<uint64_t, uint64_t>> busy;
      for (Buffer *other : order.take_front(i))
        if (other->area == buffer.area && other->size.isStatic() && other->death >= buffer.birth &&
            buffer.death >= other->birth)
          busy.push_back({other->offset, other->offset + other->bytes});
      llvm::sort(busy);
      buffer.offset = 0;
      for (auto [begin, end] : busy) {
        if (buffer.offset + buffer.bytes <= begin) break;
        buffer.offset = std::max(buffer.offset, end);
      }
      total = std::max(total, buffer.offset + buffer.bytes);
      isFlatFull = total >= uint64_t(lower::flatElements);
      if (isFlatFull) return std::nullopt;
    }
    auto frame = areas[0].slots.mostBytes(areas[0].total), pieces = areas[1].slots.mostBytes(areas[1].total);
    if (!frame || !pieces) return std::nullopt;
    return std::pair(cycle ? *frame : 0, *frame + *pieces);
  }

  /// Of a function in a circle: what lives across a call in it lies in the frame.
  void chooseAreas() {
    SmallVector<unsigned> calls;
    for (auto [when, op] : llvm::enumerate(program))
      op->walk([&, when = when](kern::RunOp run) {
        if (isInCycle(run)) calls.push_back(when);
      });
    for (auto &buffer : buffers)
      buffer->area = buffer->isScratch || llvm::none_of(calls, [&](unsigned call) {
                       return buffer->birth <= call && call <= buffer->death;
                     });
  }

  void rewrite() {
    SmallVector<Value> bases{lower::arenaArgument(entry)}, slotOffsets[2];
    if (cycle) bases.push_back(entry.getBody().insertArgument(0u, bases[0].getType(), entry.getLoc()));
    for (auto [area, offsets] : llvm::zip(areas, slotOffsets))
      if (!area.slots.empty()) offsets = area.slots.emitOffsets(entry, sizes, area.total);
    if (cycle) {
      OpBuilder b = OpBuilder::atBlockBegin(&entry.getBody().front());
      frameEnd = areas[0].slots.empty() ? b.create<arith::ConstantIndexOp>(entry.getLoc(), areas[0].total).getResult()
                                        : slotOffsets[0].back();
    }
    for (auto &buffer : buffers) {
      const Buffer *host = buffer.get();
      while (host->host) host = host->host;
      OpBuilder b(buffer->op);
      Location location = buffer->op.getLoc();
      Value offset = host->size.isStatic() ? b.create<arith::ConstantIndexOp>(location, host->offset).getResult()
                                           : slotOffsets[host->area][host->slot];
      auto type = MemRefType::get(buffer->op.getType().getShape(), buffer->op.getType().getElementType());
      Value view = b.create<memref::ViewOp>(location, type, bases[host->area], offset, buffer->op.getDynamicSizes());
      buffer->op.replaceAllUsesWith(view);
      buffer->op.erase();
    }
  }

  /// For callers, and for the description.
  void record() {
    OpBuilder b(entry.getContext());
    auto &[total, slots] = areas[0];
    entry->setAttr(lower::arenaBytesAttr, b.getI64IntegerAttr(*slots.mostBytes(total)));
    entry->setAttr("graph.arena_buffers", b.getI64IntegerAttr(buffers.size()));
    entry->setAttr("graph.arena_inplace", b.getI64IntegerAttr(shared));
    if (!slots.empty()) entry->setAttr(lower::arenaSizeAttr, graph::shapeAttr(entry.getContext(), slots.bytes(total)));
  }

  lower::CycleMember cycleMember() const {
    auto bytes = [&](const Area &area) { return area.slots.bytes(area.total); };
    return {entry, bytes(areas[0]), bytes(areas[1]), frameEnd};
  }

private:
  bool isInCycle(kern::RunOp run) {
    func::FuncOp function = lower::calledFunction(run);
    return cycle && function && cycle->contains(function);
  }

  LogicalResult refuse(StringRef limit) {
    return lower::sizeLimitError(entry, "the values that '" + entry.getSymName() +
                                            "' computes on its way take more than any memory holds (limit " + limit +
                                            " bytes)");
  }

  Value makeScratch(OpBuilder &b, Location location, graph::Dim bytes) {
    if (bytes.isStatic()) bytes = std::max<int64_t>(bytes.staticValue(), lower::bufferAlignment);
    auto type = MemRefType::get(bytes.staticValue(), b.getI8Type());
    auto scratch = b.create<memref::AllocOp>(location, type, sizes.dynamicValues(bytes));
    scratches.insert(scratch);
    return scratch;
  }

  static void passScratch(kern::RunOp run, Value scratch) {
    SmallVector<Value> outs(run.getOuts());
    outs.insert(outs.end() - lower::calledFunction(run)->hasAttr(lower::mayFailAttr), scratch);
    run.getOutsMutable().assign(outs);
  }

  /// The callee's arena where the run's index operands stand for its dims.
  std::optional<graph::Dim> scratchBytes(kern::RunOp run, func::FuncOp function) {
    auto bytes = function->getAttrOfType<graph::ShapeAttr>(lower::arenaSizeAttr);
    if (!bytes) return function->getAttrOfType<IntegerAttr>(lower::arenaBytesAttr).getInt();
    SmallVector<graph::DimAttr> dims = lower::functionDims(function);
    SmallVector<graph::Dim> given;
    for (Value in : run.getIns()) {
      if (!in.getType().isIndex()) continue;
      std::optional<graph::Dim> size = sizes.sizeOf(in);
      if (!size) return std::nullopt;
      given.push_back(*size);
    }
    return graph::Dim::ofShape(bytes, 0).substitute([&](graph::DimAttr dim) -> std::optional<graph::Dim> {
      size_t position = llvm::find(dims, dim) - dims.begin();
      return position < given.size() ? std::optional(given[position]) : std::nullopt;
    });
  }

  /// An in that the kernel also reads under another map must keep its bytes.
  bool readTwice(kern::RunOp run, Buffer *source) {
    return llvm::count_if(run.getIns(), [&](Value in) { return ownerOf.lookup(in) == source; }) > 1;
  }

  func::FuncOp entry;
  const Cycle *cycle;
  lower::TensorSizes sizes;
  Value frameEnd; // of a function in a circle: the bytes of its buffers there, a multiple of the alignment
  DenseSet<Operation *> scratches;
  SmallVector<Operation *> program;
  SmallVector<std::unique_ptr<Buffer>> buffers;
  DenseMap<Value, Buffer *> ownerOf;
};

struct PlanArena : PassWrapper<PlanArena, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlanArena)
  PlanArena(support::LibraryDescription *library, uint64_t limit) : library(library), limit(limit) {}
  StringRef getArgument() const final { return "plan-arena"; }
  StringRef getDescription() const final { return "Place the entries' buffers in the arena"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, memref::MemRefDialect, arith::ArithDialect, scf::SCFDialect>();
  }
  support::LibraryDescription *library;
  uint64_t limit; // of an entry's arena; 0: none

  /// What the planner makes of the function as it stands.
  static std::optional<uint64_t> plannedBytes(func::FuncOp entry) {
    ArenaPlan trial(entry);
    if (failed(trial.collect())) return std::nullopt;
    trial.shareInPlace();
    if (failed(trial.place())) return std::nullopt;
    return trial.areas[0].slots.mostBytes(trial.areas[0].total);
  }

  LogicalResult fit(func::FuncOp entry) {
    auto fitted = lower::fitMemory(entry, limit, plannedBytes);
    if (!fitted) return failure();
    if (auto *body = library ? support::findBody(*library, entry.getSymName().str()) : nullptr) {
      body->arenaBytesBefore = fitted->before;
      body->repeatedRuns = fitted->repeated;
    }
    if (fitted->bytes <= limit) return success();
    StringRef name = entry.getSymName();
    name.consume_back(".body");
    return entry.emitError() << lower::memoryLimitPrefix << "'" << name << "' needs " << fitted->bytes
                             << " bytes of workspace and the limit is " << limit << " (" << fitted->before
                             << " before kernels were moved and repeated)"
                             << (fitted->atPeak.empty() ? "" : "; what is left at the peak: ") << fitted->atPeak;
  }

  LogicalResult planCycle(ArrayRef<func::FuncOp> functions) {
    Cycle cycle(functions.begin(), functions.end());
    SmallVector<lower::CycleMember> members;
    for (func::FuncOp function : functions) {
      ArenaPlan plan(function, &cycle);
      if (failed(plan.addScratch()) || failed(plan.collect())) return failure();
      plan.shareInPlace();
      if (failed(plan.place())) return failure();
      plan.rewrite();
      members.push_back(plan.cycleMember());
    }
    support::LibraryDescription unread; // graphc-opt: the IR alone matters
    return lower::buildRecursionMachine(members, library ? *library : unread);
  }

  void runOnOperation() override {
    SmallVector<func::FuncOp> functions = lower::eraseUnreached(getOperation());
    std::vector<SmallVector<func::FuncOp>> cycles = lower::cyclesOf(functions);
    DenseMap<Operation *, SmallVector<func::FuncOp> *> cycleOf;
    for (SmallVector<func::FuncOp> &cycle : cycles)
      for (func::FuncOp member : cycle) cycleOf[member] = &cycle;
    DenseMap<SmallVector<func::FuncOp> *, size_t> waiting; // members that came: what they call was planned before
    for (func::FuncOp entry : functions) {
      if (SmallVector<func::FuncOp> *cycle = cycleOf.lookup(entry)) {
        if (++waiting[cycle] == cycle->size() && failed(planCycle(*cycle))) return signalPassFailure();
        continue;
      }
      ArenaPlan plan(entry);
      if (failed(plan.addScratch())) return signalPassFailure();
      if (limit && lower::isEntry(entry) && failed(fit(entry))) return signalPassFailure();
      if (failed(plan.collect())) return signalPassFailure();
      plan.shareInPlace();
      if (failed(plan.place())) return signalPassFailure();
      plan.rewrite();
      plan.record();
      if (!lower::isEntry(entry)) continue;
      std::string arenaFunction;
      if (auto &[total, slots] = plan.areas[0]; !slots.empty())
        arenaFunction = lower::createArenaFunction(entry, slots, total).getSymName().str();
      auto *body = library ? support::findBody(*library, entry.getSymName().str()) : nullptr;
      if (!body) continue;
      body->arenaBytes = entry->getAttrOfType<IntegerAttr>(lower::arenaBytesAttr).getInt();
      body->arenaFunction = arenaFunction;
    }
  }
};
} // namespace

std::unique_ptr<Pass> lower::createPlanArenaPass(support::LibraryDescription *library, uint64_t memoryLimit) {
  return std::make_unique<PlanArena>(library, memoryLimit);
}
