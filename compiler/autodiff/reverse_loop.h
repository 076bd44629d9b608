// A loop in @f.fwd (reverse_control.h): the op of f, what its body is derived by, and where its way back finds what it
// needs of each turn. reverse_turns.cpp builds the way back of that.
#pragma once
#include "compiler/autodiff/reverse_control.h"
#include "llvm/ADT/SetVector.h"

namespace graphc::autodiff {

class ReverseLoop : public ReverseControl {
public:
  /// Derives the body; what the turns keep is known then. build() makes the loop of @f.fwd.
  ReverseLoop(DerivedFunctions &derived, mlir::Operation *op, mlir::ValueRange primals, const Mask &varied,
              const Mask &useful, const Paths &params);
  /// The way back is to run the turns again, from carries that are kept, in place of what the turns made.
  void runTurnsAgain() { findSources(true); }
  void keepTape() { findSources(false); }
  void build(mlir::OpBuilder &b);

  Cotangents backward(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> given) override {
    return backward(b, given, nullptr);
  }
  /// Gradients of captures and params as they stand, by the body's captures and by `read`, of sumType; null: none.
  struct Sums {
    llvm::SmallVector<mlir::Value> captures, params;
  };
  /// Adds to the sums, and they are not among the cotangents; null: the sums begin here.
  Cotangents backward(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> given, Sums *sums);

  /// Where the way back finds a value of a turn.
  struct Source {
    enum Kind { Number, Operand, Result, Before } kind; // Before: a result of what is made before the loop
    unsigned at;
    bool perTurn; // a slice of it
  };
  /// In @f.fwd; null for the number of the turn.
  mlir::Value valueOf(const Source &source);

  bool index() { return loop ? loop.getIndex() : scan.getIndex(); }
  /// The most turns.
  graph::Dim turns() { return loop ? graph::Dim::ofShape(*loop.getLimit(), 0) : scan.turns(); }
  graph::ShapeAttr length() { return loop ? loop.getLimitAttr() : scan.getLengthAttr(); }
  /// Of a result of the body: of `while` the number of turns stands between.
  unsigned resultOf(unsigned i) { return i < carries || scan ? i : i + 1; }
  /// The operands that the body takes behind the carries and the slices.
  mlir::ValueRange captures() {
    return mlir::ValueRange(primals).slice(carries + sequences, region.getNumArguments() - firstCapture());
  }
  /// The argument of the body.
  unsigned firstCapture() { return index() + carries + sequences; }
  /// The body's result has a cotangent.
  bool wants(unsigned i) { return i < carries ? carried[i] : functions->results[i]; }
  bool anyGiven(llvm::ArrayRef<mlir::Value> cotangents);
  /// No turn changes it.
  bool isFixed(unsigned carry) { return returned(carry) == bodyOfForward().getArgument(index() + carry); }

  uint64_t mostTurns();
  /// What a turn keeps, at the largest sizes and at usual ones.
  uint64_t bytesOfTurn();
  uint64_t usualBytesOfTurn();
  /// How many turns came, in @f.fwd; null: all.
  mlir::Value count() { return loop ? made->getResult(carries) : scan.getCount() ? primals.back() : mlir::Value(); }

  DerivedFunctions &derived;
  mlir::Operation *op; // of f: one of the two
  graph::WhileOp loop;
  graph::ScanOp scan;
  mlir::func::FuncOp region; // the body
  unsigned carries, sequences;
  llvm::SmallVector<mlir::Value> primals;      // the operands in @f.fwd
  Paths read;                                  // by the body, of what is derived by
  Mask active;                                 // arguments of the body that depend on what is derived by
  Mask carried;                                // carries that have a cotangent
  const ReverseFunctions *functions = nullptr; // of the body
  bool runsAgain = false;                      // the way back runs the turn again
  llvm::SmallVector<Source> sources;           // by residual of the body or, if the turn runs again, by argument

private:
  mlir::Block &bodyOfForward();
  mlir::Value returned(unsigned i);
  void chooseCotangents(const Mask &varied, const Mask &useful, const Paths &params);
  void findSources(bool again);
  std::optional<unsigned> collected(mlir::Value value);
  Source stacked(mlir::Value value);
  Source sourceOfArgument(unsigned argument);
  Source sourceOfResult(unsigned result);
  bool isInvariant(mlir::Value value);
  void makeBefore(mlir::OpBuilder &b);

  llvm::SetVector<mlir::Value> extras, before; // values of @body.fwd that are collected, or made before the loop
  llvm::DenseMap<mlir::Value, bool> invariant;
  llvm::SmallVector<mlir::Value> madeBefore; // in @f.fwd
};

/// The scan of @f.bwd: ReverseLoop::backward where some cotangent is not zero.
ReverseControl::Cotangents reverseTurns(ReverseLoop &loop, mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> given,
                                        ReverseLoop::Sums *sums);

} // namespace graphc::autodiff
