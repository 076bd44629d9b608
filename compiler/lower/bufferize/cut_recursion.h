// The functions of a circle of calls as pieces of straight-line code, and what of each lies in a frame
// (recursion_machine.h says why). A value that one piece makes and another reads has a slot of the frame, unless it can
// be computed again.
#pragma once
#include "compiler/lower/bufferize/recursion_machine.h"
#include "compiler/lower/entries.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace graphc::lower {

/// Straight-line code between two calls within the circle, and what comes behind it.
struct Piece {
  enum End { Goto, Branch, Head, Step, Call, Return };
  size_t member;
  llvm::SmallVector<mlir::Operation *> ops;
  End end = Return;
  unsigned next = 0, other = 0; // pieces: where to go on; of a branch that is not taken
  mlir::Value condition;        // Branch
  mlir::scf::ForOp loop;        // Head: goes on while there are turns; Step: to the next turn
  kern::RunOp call;             // Call
  llvm::SmallVector<std::pair<unsigned, mlir::Value>> saves; // slots that get values first
};

/// The members' code as pieces: number 0 stands for the end of the machine.
class Cutter {
public:
  explicit Cutter(llvm::MutableArrayRef<CycleMember> members);

  /// The member that the op calls, if it calls one.
  std::optional<size_t> callee(mlir::Operation *op) const {
    mlir::func::FuncOp function = llvm::isa<kern::RunOp>(op) ? calledFunction(op) : mlir::func::FuncOp();
    auto it = numberOf.find(function);
    return function && it != numberOf.end() ? std::optional(it->second) : std::nullopt;
  }
  /// The member's arguments but for the area of the pieces.
  static llvm::ArrayRef<mlir::BlockArgument> arguments(mlir::func::FuncOp function) {
    return function.getBody().getArguments().drop_front();
  }
  /// How many of them are the call's own: the last are the arena and the status cell.
  static size_t ownArguments(mlir::func::FuncOp function) { return arguments(function).size() - 2; }

  /// In another piece than its own.
  static bool canRepeat(mlir::Operation *op) { return op->getNumRegions() == 0 && mlir::isMemoryEffectFree(op); }

  /// The params block is the same for all.
  bool isParams(mlir::Value argument) const { return paramsArguments.contains(argument); }

  llvm::MutableArrayRef<CycleMember> members;
  std::vector<Piece> pieces;
  llvm::SmallVector<unsigned> firstPieces, slotCounts; // by member
  llvm::DenseMap<mlir::Value, unsigned> slotOf;
  bool understood = true;

private:
  llvm::DenseMap<mlir::Operation *, size_t> numberOf;
  llvm::DenseSet<mlir::Value> paramsArguments;
  size_t at = 0; // the member at work

  unsigned newPiece();
  unsigned newSlot(mlir::Value value);

  void cutMember(size_t i);

  /// Appends the block to the piece; gives the piece that its end belongs to.
  unsigned cutBlock(mlir::Block &block, unsigned current);

  void goTo(unsigned from, unsigned to, llvm::ArrayRef<unsigned> slots, mlir::ValueRange values);
  llvm::SmallVector<unsigned> newSlots(mlir::ValueRange values);
  void share(mlir::ValueRange values, llvm::ArrayRef<unsigned> slots);

  /// What other pieces cannot compute again: what is loaded (the number of turns that came), results of control flow.
  void saveWhatOthersRead();
  static void addOperands(mlir::Operation *op, llvm::SmallVectorImpl<mlir::Value> &all);
  llvm::SmallVector<mlir::Value> readBy(Piece &piece);

  unsigned cutIf(mlir::scf::IfOp op, unsigned current);

  unsigned cutFor(mlir::scf::ForOp op, unsigned current);

  unsigned cutWhile(mlir::scf::WhileOp op, unsigned current);
};

} // namespace graphc::lower
