// A scan and its body, which passes that move work across the border between them change together: values go in as
// further sequences and come out as further collected ones, and what is no longer needed goes. The scan is made anew in
// the end.
#pragma once
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

namespace graphc::optimize {

class ScanBody {
public:
  /// nullopt unless the body can be changed: it is one block and its dims are those of the function around. A body that
  /// others name, too, is copied first.
  static std::optional<ScanBody> of(graph::ScanOp scan, mlir::SymbolTable &symbols);
  /// Nothing was changed: all is as before.
  void leave(mlir::SymbolTable &symbols);

  graph::ScanOp scan;
  mlir::func::FuncOp body;

  mlir::Block &block() { return body.getBody().front(); }
  mlir::Operation *terminator() { return block().getTerminator(); }
  size_t carries() const { return inits.size(); }
  mlir::BlockArgument carry(size_t i) { return body.getArgument(index() + i); }
  /// What a turn sees of a whole that lies outside: a row of a sequence, a capture. Null of anything else.
  mlir::Value sequenceOf(mlir::Value argument);
  mlir::Value captureOf(mlir::Value argument);
  /// The position among all results of what a turn gives, behind the carries; nullopt if it is not collected.
  std::optional<size_t> collectedAs(mlir::Value value);
  /// Of all turns' values together.
  mlir::RankedTensorType stackedType(mlir::Type type);

  /// In the body, a row of the sequence.
  mlir::BlockArgument addSequence(mlir::Value sequence);
  /// Its position among all results.
  size_t addCollected(mlir::Value value);
  /// Carry or collected value i. A carry may be read by what makes its next value alone.
  void dropResult(size_t i);
  void dropDeadOps();
  /// Sequences that no turn reads any more.
  void dropUnreadSequences();
  /// The new scan. What it gives as before is read from it; results that were dropped are left to who dropped them, and
  /// the old scan with them.
  graph::ScanOp finish();

private:
  ScanBody(graph::ScanOp scan, mlir::func::FuncOp body, bool isCopy);
  size_t index() const { return hasIndex; }

  bool hasIndex, isCopy;
  llvm::SmallVector<mlir::Value> inits, over, captures;
  llvm::SmallVector<mlir::Value> results; // of the old scan; null: a new one
};

constexpr int64_t mostBytesOfAll = int64_t(64) << 20; // that one value may take for all turns

/// All scans of the module, those in the body of one before it.
void forEachScan(mlir::ModuleOp module, mlir::SymbolTable &symbols, llvm::function_ref<void(graph::ScanOp)> change);
/// Of one tensor, at most; saturates.
int64_t mostBytes(mlir::Type type);

} // namespace graphc::optimize
