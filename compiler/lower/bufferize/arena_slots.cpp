// First the slot that grows least; a slot of its own where sharing would cost as much.
#include "compiler/lower/bufferize/arena_slots.h"
#include "compiler/lower/entries.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace graphc;
using graph::Dim;
using lower::ArenaSlots;

size_t ArenaSlots::place(const Dim &bytes, unsigned birth, unsigned death) {
  std::optional<size_t> best;
  Dim covering;
  int64_t leastGrowth = bytes.high();
  for (auto [i, slot] : llvm::enumerate(slots)) {
    bool busy = llvm::any_of(slot.lives, [&](auto life) { return life.second >= birth && death >= life.first; });
    std::optional<Dim> size = busy ? std::nullopt : Dim::cover(slot.bytes, bytes);
    if (!size) continue;
    int64_t growth = size->high() - slot.bytes.high();
    if (growth >= leastGrowth) continue;
    best = i;
    covering = *size;
    leastGrowth = growth;
  }
  if (!best) {
    best = slots.size();
    slots.emplace_back();
    covering = bytes;
  }
  slots[*best].bytes = covering;
  slots[*best].lives.push_back({birth, death});
  return *best;
}

/// The next multiple of the alignment, or what is surely not below it: rounding would hide the products.
static Dim alignedBound(const Dim &bytes) {
  int64_t alignment = lower::bufferAlignment;
  return bytes.exactDiv(alignment) ? bytes : bytes + Dim(alignment - 1);
}

Dim ArenaSlots::bytes(uint64_t begin) const {
  Dim sum = int64_t(begin);
  for (const Slot &slot : slots) sum = sum + alignedBound(slot.bytes);
  return sum;
}

std::optional<uint64_t> ArenaSlots::mostBytes(uint64_t begin) const {
  uint64_t sum = begin;
  for (const Slot &slot : slots) {
    uint64_t most = slot.bytes.high();
    if (sum >> 62 || most >> 62) return std::nullopt;
    sum += alignBytes(most);
  }
  return sum >> 62 ? std::nullopt : std::optional(sum);
}

SmallVector<Value> ArenaSlots::emitOffsets(func::FuncOp function, TensorSizes &sizes, uint64_t begin) const {
  SmallVector<Value> offsets;
  Operation *last = nullptr; // of the sizes
  for (const Slot &slot : slots)
    if (auto size = dyn_cast<Value>(sizes.value(slot.bytes)); size && size.getDefiningOp())
      if (!last || last->isBeforeInBlock(size.getDefiningOp())) last = size.getDefiningOp();
  ImplicitLocOpBuilder b(function.getLoc(), OpBuilder::atBlockBegin(&function.getBody().front()));
  if (last) b.setInsertionPointAfter(last);
  Value offset = b.create<arith::ConstantIndexOp>(begin);
  Value rest = b.create<arith::ConstantIndexOp>(bufferAlignment - 1),
        mask = b.create<arith::ConstantIndexOp>(-int64_t(bufferAlignment));
  for (const Slot &slot : slots) {
    offsets.push_back(offset);
    Value size = getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes.value(slot.bytes));
    Value end = b.create<arith::AddIOp>(b.create<arith::AddIOp>(offset, size), rest);
    offset = b.create<arith::AndIOp>(end, mask);
  }
  offsets.push_back(offset);
  return offsets;
}

func::FuncOp lower::createArenaFunction(func::FuncOp entry, const ArenaSlots &slots, uint64_t begin) {
  OpBuilder at(entry);
  at.setInsertionPointAfter(entry);
  SmallVector<Type> dims(functionDims(entry).size(), at.getIndexType());
  auto function = at.create<func::FuncOp>(entry.getLoc(), (entry.getSymName() + ".arena_bytes").str(),
                                          at.getFunctionType(dims, at.getIndexType()));
  function->setAttr(dimsAttr, entry->getAttr(dimsAttr));
  function->setAttr(sizesOnlyAttr, at.getUnitAttr());
  Block *block = function.addEntryBlock();
  OpBuilder::atBlockEnd(block).create<func::ReturnOp>(entry.getLoc());
  TensorSizes sizes(function);
  block->getTerminator()->setOperands(slots.emitOffsets(function, sizes, begin).back());
  return function;
}
