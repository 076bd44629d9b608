// Whether a reduction's body combines its accumulator with a value of the elements in a way that may be done in any
// order, so that several accumulators can share the elements: sums, products, and what chooses one of the two.
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLExtras.h"
#include <optional>

namespace graphc::lower {

class ReductionCombine {
public:
  /// Of a body with one accumulator, its argument `accumulator`, that starts as `init`. nullopt if the order counts, or
  /// if `init` may not be taken more than once.
  static std::optional<ReductionCombine> of(mlir::Block &body, unsigned accumulator, mlir::TypedAttr init);
  /// Two accumulators, scalars or vectors of one length, as one.
  mlir::Value build(mlir::ImplicitLocOpBuilder &b, mlir::Value left, mlir::Value right) const;
  /// What of the elements is combined: a value of the body that does not depend on the accumulator.
  mlir::Value elementOfBody() const { return element; }
  /// True for an op of the body that does the combining.
  bool holds(mlir::Operation &op) const { return llvm::is_contained(ops, &op); }

private:
  llvm::SmallVector<mlir::Operation *> ops; // those of the body that depend on the accumulator
  mlir::Value accumulated, element, result; // of the body; the ops read nothing but the first two
};

} // namespace graphc::lower
