// Memory for buffers whose sizes the named dims decide: slots behind the static part of the arena. Buffers whose
// lifetimes do not meet may share a slot; its size covers each of theirs for every value of the dims. Slots begin at
// multiples of bufferAlignment, one after the other: offsets are known at the call only.
#pragma once
#include "compiler/lower/fuse/tensor_sizes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace graphc::lower {

class ArenaSlots {
public:
  /// A slot for a buffer of `bytes` that lives from `birth` to `death`.
  size_t place(const graph::Dim &bytes, unsigned birth, unsigned death);
  bool empty() const { return slots.empty(); }

  /// The arena's bytes when the static part takes `begin`, a multiple of the alignment: an upper bound that is a sum
  /// of products, as callers of the function need it.
  graph::Dim bytes(uint64_t begin) const;
  /// The most that dims within their bounds need; nullopt past 2^62.
  std::optional<uint64_t> mostBytes(uint64_t begin) const;
  /// The slots' offsets, computed at the top of the function that `sizes` is of, and then the arena's bytes.
  llvm::SmallVector<mlir::Value> emitOffsets(mlir::func::FuncOp function, TensorSizes &sizes, uint64_t begin) const;

private:
  struct Slot {
    graph::Dim bytes;
    llvm::SmallVector<std::pair<unsigned, unsigned>> lives; // birth, death
  };
  llvm::SmallVector<Slot> slots;
};

/// Adds the function i64(i64 dims...) that gives an entry's arena bytes. The order of its arguments is the entry's.
mlir::func::FuncOp createArenaFunction(mlir::func::FuncOp entry, const ArenaSlots &slots, uint64_t begin);

} // namespace graphc::lower
