// The sweeps over a row that a body of the builder "rows" takes: each fold needs the row once more, and what it gives
// is there from the next sweep on. Values that are wanted in several sweeps are computed again where that is cheap and
// else kept in the memory of an output, from the sweep that computes them to the output's own. The group former asks
// the same schedule which input may lie in an output's memory.
#pragma once
#include "dialects/kern/kern_dialect.h"
#include "mlir/IR/AffineMap.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

namespace graphc::lower {

class RowSchedule {
public:
  using At = std::pair<mlir::Value, unsigned>; // a value, and the output that it goes to or comes from
  struct Sweep {
    llvm::SmallVector<mlir::Operation *> before; // once per row, ahead of it
    llvm::SmallVector<unsigned> loads;           // inputs
    llvm::SmallVector<At> reloads;               // from where an earlier sweep kept them
    llvm::SmallVector<mlir::Operation *> ops;    // once per element
    llvm::SmallVector<At> stores;
    llvm::SmallVector<kern::FoldOp> folds;
  };

  /// `maps`: the kernel's, over dims of which `axis` is the reduced one.
  RowSchedule(mlir::Block &body, llvm::ArrayRef<mlir::AffineMap> maps, unsigned axis);

  llvm::ArrayRef<Sweep> sweeps() const { return all; }
  /// Once per row, after the last sweep.
  llvm::ArrayRef<mlir::Operation *> after() const { return last; }
  bool isPerRow(unsigned input) const { return !perElement.contains(body.getArgument(input)); }
  bool outIsPerRow(unsigned out) const { return !outIsRow[out]; }
  /// True if nothing of the input is read after the output's memory was written at its place.
  bool canBeInPlace(unsigned input, unsigned out) const;

private:
  void setLevels();
  void keepWhatIsExpensive();
  void fillSweeps();
  /// False if two values would lie in one output's memory at a time.
  bool homesAreFree() const;
  bool isExpensive(mlir::Value value) const;
  bool isNeededLater(mlir::Value value) const;

  mlir::Block &body;
  llvm::SmallVector<bool> outIsRow;
  llvm::DenseSet<mlir::Value> perElement;      // the others are one per row
  llvm::DenseMap<mlir::Value, unsigned> level; // the first sweep that can have it
  llvm::MapVector<mlir::Value, unsigned> home; // values that an output keeps
  llvm::SmallVector<Sweep, 0> all;
  llvm::SmallVector<mlir::Operation *> last;
};

} // namespace graphc::lower
