// Borders of loops that are reversed in bounded memory: what a `while` does in each turn to keep checkpoints, and the
// way back. Which state is kept where, and what is run again, the runtime's rule decides at run time
// (graphc/checkpoints.h), because it needs the number of turns; the code here only moves what the rule names, between
// rows of the operands, slots and the tape, which are buffers of the function's own arena. No turn allocates.
#pragma once
#include "compiler/lower/bufferize/control_function.h"
#include "dialects/kern/checkpoint_ops.h"

namespace graphc::lower {

class CheckpointBorders : public ControlFunction {
protected:
  using ControlFunction::ControlFunction;

  /// Before turn `turn` of a loop: `now`, the carries, go into their row if the turn has one.
  void keepCheckpoint(int64_t rows, mlir::Value turn, llvm::ArrayRef<Place> carries, mlir::ValueRange now,
                      llvm::ArrayRef<Sequence> kept);
  void makeReverseWhile(kern::ReverseWhileOp loop);

private:
  using Buffers = llvm::SmallVector<mlir::Value>;

  mlir::Value callRuntime(llvm::StringRef function, mlir::ValueRange operands, bool hasResult);
  /// One more buffer for so many of what lies at `one`.
  Sequence rowsOf(const Place &one, int64_t rows);
  Buffers slicesAt(llvm::ArrayRef<Sequence> of, mlir::Value row);
  mlir::Value isLess(mlir::Value a, mlir::Value b);
};

} // namespace graphc::lower
