// A function on buffers (before plan-arena) as a list of runs with what each reads and writes, so that other orders of
// the runs, and running some of them twice, can be tried without touching the IR: what fit-memory searches over.
//
// A buffer that is `dropped` gives its memory up for the longest gap between two of its uses and is made again by the
// same run before the use behind the gap; so is what that run reads and was dropped, too. The run does the same on the
// same data, so the bits are the same.
#pragma once
#include "compiler/lower/fuse/tensor_sizes.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/BitVector.h"

namespace graphc::lower {

class MemoryProgram {
public:
  explicit MemoryProgram(mlir::func::FuncOp function);
  /// False if something in it has effects that are not known, or it is so long that a search would take too long: it
  /// must stay as it is.
  bool isUnderstood() const { return understood; }

  struct Buffer {
    mlir::memref::AllocOp op;
    uint64_t bytes = 0; // at most
    int writer = -1;    // the one item that writes it; -1: none or several
  };
  struct Item { // an op that reads or writes memory
    mlir::Operation *op = nullptr;
    llvm::SmallVector<unsigned, 4> reads, writes;                // buffers
    llvm::SmallVector<unsigned, 4> after;                        // items that come before it in every order
    llvm::SmallVector<std::pair<unsigned, unsigned>, 1> inPlace; // buffers: a read whose memory a write may take over
    uint64_t cost = 0;                                           // bytes that it moves, 8 flops counting as one
    bool repeatable = false;
  };
  llvm::ArrayRef<Buffer> buffers() const { return allBuffers; }
  llvm::ArrayRef<Item> items() const { return allItems; }

  /// What is done one after the other.
  struct Plan {
    llvm::SmallVector<unsigned> order; // of all items
    llvm::BitVector dropped;           // by buffer
  };
  Plan initialPlan() const;

  struct Step {
    unsigned item;
    bool again;                              // the run a second time
    llvm::SmallVector<bool, 4> secondReads;  // by read: the buffer that was made again
    llvm::SmallVector<bool, 4> secondWrites; // by write: makes it again; else (of a repeated run) nobody reads it
  };
  struct Outcome {
    bool possible = true; // false: something would be read after it was overwritten
    uint64_t peak = 0;    // bytes that live at once
    size_t peakStep = 0;
    double above = 0;        // bytes above the limit, summed over the steps
    double area = 0;         // all bytes, likewise
    uint64_t repeatCost = 0; // of what runs twice
    std::vector<Step> steps;
    llvm::SmallVector<unsigned> atPeak; // buffers, the largest first
  };
  Outcome simulate(const Plan &plan, uint64_t limit) const;

  /// Makes the IR what the plan says; the program is of no use afterwards.
  void rewrite(const Plan &plan);

private:
  struct Range { // of an argument, in bytes
    mlir::Value root;
    uint64_t begin, end;
    bool writes;
  };
  bool note(mlir::Operation &op);
  void noteOverwriters();
  /// The buffer that the value is a view of, if it is one.
  std::optional<unsigned> bufferAt(mlir::Value memory) const;
  bool noteAccess(Item &item, llvm::SmallVectorImpl<Range> &ranges, mlir::Value memory, bool reads, bool writes);
  std::optional<Range> rangeOf(mlir::Value memory) const;
  void noteDependencies(unsigned index);
  uint64_t costOf(kern::RunOp run) const;
  /// By item: the position at which something that it reads of arguments is overwritten.
  std::vector<unsigned> overwritten(llvm::ArrayRef<unsigned> order) const;

  mlir::func::FuncOp function;
  TensorSizes sizes;
  bool understood = true;
  std::vector<Buffer> allBuffers;
  std::vector<Item> allItems;
  std::vector<llvm::SmallVector<Range, 2>> outside;        // by item: accesses to what is no buffer
  std::vector<llvm::SmallVector<unsigned, 2>> overwriters; // by item: those that write what it reads of that
  llvm::DenseMap<mlir::Operation *, unsigned> bufferOf, itemOf;
};

} // namespace graphc::lower
