// memory_program.h: reading a function, and what a plan costs.
#include "compiler/lower/bufferize/memory_program.h"
#include "compiler/lower/entries.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace graphc::lower {

/// The memory that a value is a view of.
static Value rootOf(Value memory) {
  while (auto view = memory.getDefiningOp<ViewLikeOpInterface>()) memory = view.getViewSource();
  return memory;
}

static constexpr size_t mostItems = 20000;

MemoryProgram::MemoryProgram(func::FuncOp function) : function(function), sizes(function) {
  for (Operation &op : function.getBody().front().without_terminator())
    if (!note(op) || allItems.size() > mostItems) {
      understood = false;
      return;
    }
  for (auto [index, item] : llvm::enumerate(allItems))
    for (unsigned buffer : item.writes) {
      int &writer = allBuffers[buffer].writer;
      writer = writer == -1 ? int(index) : -2;
    }
  for (Buffer &buffer : allBuffers) buffer.writer = std::max(buffer.writer, -1);
  noteOverwriters();
}

void MemoryProgram::noteOverwriters() {
  overwriters.resize(allItems.size());
  for (auto [writer, writes] : llvm::enumerate(outside))
    for (const Range &write : writes) {
      if (!write.writes) continue;
      for (auto [reader, reads] : llvm::enumerate(outside))
        for (const Range &read : reads)
          if (reader != writer && !read.writes && read.root == write.root && read.begin < write.end &&
              write.begin < read.end)
            overwriters[reader].push_back(writer);
    }
}

std::optional<unsigned> MemoryProgram::bufferAt(Value memory) const {
  auto buffer = bufferOf.find(rootOf(memory).getDefiningOp());
  return buffer == bufferOf.end() ? std::nullopt : std::optional(buffer->second);
}

/// False if the op's effects are not known.
bool MemoryProgram::note(Operation &op) {
  if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
    std::optional<graph::Shape> shape = sizes.shapeOf(alloc);
    if (!shape) return false;
    bufferOf[&op] = allBuffers.size();
    uint64_t width = llvm::divideCeil(alloc.getType().getElementTypeBitWidth(), 8);
    allBuffers.push_back({alloc, alignBytes(uint64_t(productOf(*shape).high()) * width), -1});
    return true;
  }
  if (isMemoryEffectFree(&op) && op.getNumRegions() == 0) return true; // views and arithmetic go where they are needed
  Item item;
  item.op = &op;
  SmallVector<Range, 2> ranges;
  bool good = true;
  auto access = [&](Value memory, bool reads, bool writes) { good &= noteAccess(item, ranges, memory, reads, writes); };
  if (auto run = dyn_cast<kern::RunOp>(op)) {
    for (Value in : run.getIns())
      if (isa<MemRefType>(in.getType())) access(in, true, false);
    for (Value out : run.getOuts()) access(out, run.getReadsOuts(), true);
    bool ownOuts = llvm::none_of(ranges, [](const Range &range) { return range.writes; });
    item.repeatable = ownOuts && !run.getReadsOuts() && !run->hasAttr(kern::touchesStateAttr);
    item.cost = costOf(run);
    for (auto [read, written] : run.inplacePairs()) {
      std::optional<unsigned> in = bufferAt(run.getIns()[read]), out = bufferAt(run.getOuts()[written]);
      auto readsIt = [&](Value other) { return isa<MemRefType>(other.getType()) && bufferAt(other) == in; };
      if (!in || !out || llvm::count_if(run.getIns(), readsIt) > 1) continue;
      if (!isAtOffsetZero(run.getIns()[read]) || !isAtOffsetZero(run.getOuts()[written])) continue;
      if (allBuffers[*in].bytes == allBuffers[*out].bytes) item.inPlace.push_back({*in, *out});
    }
  } else if (auto load = dyn_cast<memref::LoadOp>(op)) {
    access(load.getMemRef(), true, false);
  } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
    access(store.getMemRef(), false, true);
  } else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
    access(copy.getSource(), true, false);
    access(copy.getTarget(), false, true);
  } else {
    return false;
  }
  itemOf[&op] = allItems.size();
  allItems.push_back(std::move(item));
  outside.push_back(std::move(ranges));
  noteDependencies(allItems.size() - 1);
  return good;
}

bool MemoryProgram::noteAccess(Item &item, SmallVectorImpl<Range> &ranges, Value memory, bool reads, bool writes) {
  Value root = rootOf(memory);
  if (Operation *alloc = root.getDefiningOp()) {
    if (isa<memref::GetGlobalOp>(alloc)) return !writes; // a constant
    auto buffer = bufferOf.find(alloc);
    if (buffer == bufferOf.end()) return false;
    auto add = [&](SmallVectorImpl<unsigned> &list) {
      if (!llvm::is_contained(list, buffer->second)) list.push_back(buffer->second);
    };
    if (reads) add(item.reads);
    if (writes) add(item.writes);
    return true;
  }
  std::optional<Range> range = rangeOf(memory);
  if (!range) return false;
  range->writes = writes;
  ranges.push_back(*range);
  return true;
}

/// Which bytes of an argument a value is: all of it, or what a view at a constant offset says.
std::optional<MemoryProgram::Range> MemoryProgram::rangeOf(Value memory) const {
  uint64_t begin = 0, end = UINT64_MAX;
  while (auto view = memory.getDefiningOp<ViewLikeOpInterface>()) {
    if (auto bytes = dyn_cast<memref::ViewOp>(view.getOperation())) {
      std::optional<graph::Dim> offset = sizes.sizeOf(bytes.getByteShift());
      std::optional<uint64_t> size = bytes.getType().hasStaticShape() ? byteSize(bytes.getType()) : std::nullopt;
      if (offset && offset->isStatic() && size) {
        begin = uint64_t(offset->staticValue());
        end = begin + *size;
      }
    }
    memory = view.getViewSource();
  }
  if (!isa<BlockArgument>(memory)) return std::nullopt;
  return Range{memory, begin, end, false};
}

/// On every earlier item that writes what this one uses, or uses what this one writes; and on where its values come
/// from.
void MemoryProgram::noteDependencies(unsigned index) {
  Item &item = allItems[index];
  auto shares = [](ArrayRef<unsigned> a, ArrayRef<unsigned> b) {
    return llvm::any_of(a, [&](unsigned x) { return llvm::is_contained(b, x); });
  };
  auto meets = [&](ArrayRef<Range> a, ArrayRef<Range> b) {
    return llvm::any_of(a, [&](const Range &x) {
      return llvm::any_of(b, [&](const Range &y) {
        return (x.writes || y.writes) && x.root == y.root && x.begin < y.end && y.begin < x.end;
      });
    });
  };
  for (unsigned before = 0; before < index; ++before) {
    const Item &other = allItems[before];
    if (shares(other.writes, item.reads) || shares(other.writes, item.writes) || shares(other.reads, item.writes) ||
        meets(outside[before], outside[index]))
      item.after.push_back(before);
  }
  SmallVector<Value> open(item.op->getOperands()); // values that items compute, through arithmetic
  DenseSet<Operation *> seen;
  while (!open.empty()) {
    Operation *op = open.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second) continue;
    if (auto there = itemOf.find(op); there != itemOf.end() && there->second != index)
      item.after.push_back(there->second);
    else if (there == itemOf.end())
      open.append(op->operand_begin(), op->operand_end());
  }
}

uint64_t MemoryProgram::costOf(kern::RunOp run) const {
  uint64_t bytes = 0;
  auto add = [&](Value memory) {
    auto type = dyn_cast<MemRefType>(memory.getType());
    std::optional<graph::Shape> shape = type ? sizes.shapeOf(memory) : std::nullopt;
    if (shape) bytes += uint64_t(productOf(*shape).high()) * llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  };
  llvm::for_each(run.getIns(), add);
  llvm::for_each(run.getOuts(), add);
  auto kernel = SymbolTable::lookupNearestSymbolFrom<kern::KernelOp>(run, run.getKernelAttr());
  if (!kernel) return 8 * bytes; // a function: several runs
  if (kernel.getBuilder() != "contraction") return bytes;
  double flops = 2; // of G, M, N, K
  unsigned count = 0;
  for (Value in : run.getIns())
    if (in.getType().isIndex() && count++ < 4)
      if (std::optional<graph::Dim> size = sizes.sizeOf(in)) flops *= double(size->high());
  return bytes + uint64_t(std::min(flops / 8, 1e18));
}

MemoryProgram::Plan MemoryProgram::initialPlan() const {
  Plan plan;
  plan.order = llvm::to_vector(llvm::seq<unsigned>(0, allItems.size()));
  plan.dropped.resize(allBuffers.size());
  return plan;
}

std::vector<unsigned> MemoryProgram::overwritten(ArrayRef<unsigned> order) const {
  std::vector<unsigned> at(allItems.size(), UINT_MAX), positions(allItems.size());
  for (auto [position, item] : llvm::enumerate(order)) positions[item] = position;
  for (auto [reader, writers] : llvm::enumerate(overwriters))
    for (unsigned writer : writers)
      if (positions[writer] > positions[reader]) at[reader] = std::min(at[reader], positions[writer]);
  return at;
}

namespace {
/// The life of one making of a buffer.
struct Life {
  size_t birth = SIZE_MAX, death = 0;
};
} // namespace

MemoryProgram::Outcome MemoryProgram::simulate(const Plan &plan, uint64_t limit) const {
  Outcome outcome;
  // Where a dropped buffer's gap begins and ends.
  std::vector<unsigned> last(allBuffers.size(), UINT_MAX), gapBegin(allBuffers.size()), gapEnd(allBuffers.size());
  for (unsigned position = 0; position < plan.order.size(); ++position) {
    const Item &item = allItems[plan.order[position]];
    for (ArrayRef<unsigned> list : {ArrayRef(item.writes), ArrayRef(item.reads)})
      for (unsigned buffer : list) {
        if (last[buffer] != UINT_MAX && position - last[buffer] > gapEnd[buffer] - gapBegin[buffer])
          gapBegin[buffer] = last[buffer], gapEnd[buffer] = position;
        last[buffer] = position;
      }
  }
  std::vector<unsigned> lost;
  if (plan.dropped.any()) lost = overwritten(plan.order);

  std::vector<Life> lives(2 * allBuffers.size());  // the first, and made again
  std::vector<std::pair<size_t, uint64_t>> unread; // steps that make what nobody reads, and its bytes
  size_t steps = 0;
  unsigned position = 0;
  auto touch = [&](unsigned buffer, bool second) {
    Life &life = lives[2 * buffer + second];
    life.birth = std::min(life.birth, steps);
    life.death = steps;
  };
  auto isLost = [&](unsigned buffer) { return plan.dropped[buffer] && position > gapBegin[buffer]; };
  auto made = [&](unsigned buffer) { return lives[2 * buffer + 1].birth != SIZE_MAX; };
  auto emit = [&](unsigned index, bool again) {
    const Item &item = allItems[index];
    Step step{index, again, {}, {}};
    for (unsigned buffer : item.reads) {
      bool second = isLost(buffer);
      touch(buffer, second);
      step.secondReads.push_back(second);
    }
    for (unsigned buffer : item.writes) {
      bool second = again && isLost(buffer) && !made(buffer);
      if (!again || second)
        touch(buffer, second);
      else
        unread.push_back({steps, allBuffers[buffer].bytes});
      step.secondWrites.push_back(second);
    }
    outcome.steps.push_back(std::move(step));
    ++steps;
  };
  auto make = [&](unsigned buffer) { // depth first, with a stack of our own
    SmallVector<unsigned> stack{buffer};
    while (!stack.empty() && outcome.possible) {
      unsigned top = stack.back(), size = stack.size();
      unsigned writer = unsigned(allBuffers[top].writer);
      if (!made(top))
        for (unsigned read : allItems[writer].reads)
          if (isLost(read) && !made(read)) stack.push_back(read);
      if (stack.size() != size) continue;
      stack.pop_back();
      if (made(top)) continue;
      outcome.possible &= position <= lost[writer];
      outcome.repeatCost += allItems[writer].cost;
      emit(writer, /*again=*/true);
    }
  };
  for (position = 0; position < plan.order.size() && outcome.possible; ++position) {
    for (unsigned buffer : allItems[plan.order[position]].reads)
      if (isLost(buffer) && !made(buffer)) make(buffer);
    emit(plan.order[position], /*again=*/false);
  }
  if (!outcome.possible) return outcome;

  std::vector<double> change(steps + 2);
  for (auto [index, life] : llvm::enumerate(lives)) {
    if (life.birth == SIZE_MAX) continue;
    change[life.birth] += double(allBuffers[index / 2].bytes);
    change[life.death + 1] -= double(allBuffers[index / 2].bytes);
  }
  // Where a kernel may write over what dies there, the out counts from the next step on.
  for (auto [at, step] : llvm::enumerate(outcome.steps))
    for (auto [in, out] : allItems[step.item].inPlace) {
      Life first = lives[2 * in], second = lives[2 * in + 1], begins = lives[2 * out + step.again];
      bool dies = (first.birth != SIZE_MAX && first.death == at) || (second.birth != SIZE_MAX && second.death == at);
      if (!dies || begins.birth != at) continue;
      change[at] -= double(allBuffers[out].bytes);
      change[at + 1] += double(allBuffers[out].bytes);
      break;
    }
  for (auto [step, bytes] : unread) change[step] += double(bytes), change[step + 1] -= double(bytes);
  double live = 0;
  for (size_t step = 0; step < steps; ++step) {
    live += change[step];
    outcome.area += live;
    outcome.above += std::max(0.0, live - double(limit));
    if (live > double(outcome.peak)) outcome.peak = uint64_t(live), outcome.peakStep = step;
  }
  for (auto [index, life] : llvm::enumerate(lives))
    if (life.birth != SIZE_MAX && life.birth <= outcome.peakStep && life.death >= outcome.peakStep)
      outcome.atPeak.push_back(unsigned(index / 2));
  llvm::sort(outcome.atPeak, [&](unsigned a, unsigned b) {
    return std::pair(allBuffers[b].bytes, a) < std::pair(allBuffers[a].bytes, b);
  });
  return outcome;
}

} // namespace graphc::lower
