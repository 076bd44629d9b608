// Reverse mode of control flow. An op of control flow in f becomes, in @f.fwd, the same op whose regions give residuals
// beside their results, and in @f.bwd an op of the same kind whose regions go back through them: a region is a
// function, so it has a @region.fwd and a @region.bwd like any other. Which turn comes, and which branch, is kept,
// never found again, so both ways take the same path.
//
// What @f.bwd reads of @f.fwd is read as if both were one function, as rules do (reverse_mode.cpp).
#pragma once
#include "compiler/autodiff/derived_functions.h"
#include <memory>

namespace graphc::autodiff {

class ReverseControl {
public:
  virtual ~ReverseControl() = default;
  /// In @f.fwd, the last op that was made there. It alone, unless these say otherwise, has the operands of the op of f
  /// and, behind its results, residuals.
  mlir::Operation *forward() const { return made; }
  virtual llvm::SmallVector<mlir::Value> operands() const { return made->getOperands(); }
  virtual llvm::SmallVector<mlir::Value> results() const { return made->getResults(); }

  struct Cotangents {
    llvm::SmallVector<mlir::Value> operands;                 // null: zero
    std::vector<std::pair<std::string, mlir::Value>> params; // by path
  };
  /// Builds the way back where `b` stands. `given`: a cotangent by result, cotangents go to operands; null: zero.
  virtual Cotangents backward(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> given) = 0;
  bool accumulates = false; // set by it: as of ReverseFunctions

protected:
  mlir::Operation *made = nullptr;
};

/// Builds the op of @f.fwd where `b` stands, on `primals`, the operands there. `varied`: operands that depend on what
/// is derived by; `useful`: results that have a cotangent; `params`: those that are derived by.
std::unique_ptr<ReverseControl> reverseOfControl(DerivedFunctions &derived, mlir::OpBuilder &b, mlir::Operation *op,
                                                 mlir::ValueRange primals, const Mask &varied, const Mask &useful,
                                                 const Paths &params);

/// Which results of a loop's body have a cotangent, those in `results` given. A carry has one if its last value has one
/// or a turn gives it one: turns are taken until nothing is added. The carries are the arguments from `first` on and
/// the first results. `arguments`: those that depend on what is derived by.
Mask addCarried(Activity &activity, mlir::func::FuncOp body, const Mask &arguments, const Paths &params, unsigned first,
                unsigned carries, Mask results);
/// Of a gradient that the turns of a loop add up: 16-bit floats are kept in f32, because there may be many turns.
mlir::RankedTensorType sumType(mlir::Type gradient);
/// Of a tensor, at the largest sizes, and at usual ones (choose_residuals.h).
uint64_t mostBytes(mlir::Type tensor);
uint64_t usualBytes(mlir::Type tensor);

} // namespace graphc::autodiff
