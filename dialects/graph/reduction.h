// What reductions share (R23): which axes go, the result's shape, one linalg.generic per sweep over the operand, and
// for evaluation the elements that each result is made of. Sweeps compute in compute type (f32 for f16 and bf16), so
// that a result is rounded once.
#pragma once
#include "dialects/graph/lowering.h"
#include "dialects/graph/number.h"
#include "dialects/graph/scalar_builder.h"

namespace graphc::graph {

using Axes = llvm::SmallVector<int64_t>;
using AxesAttribute = std::optional<llvm::ArrayRef<int64_t>>;

/// The axes that go, sorted: those of `axis`, or all but those of `keepAxis`, or all. Of an op that was verified.
Axes reducedAxes(int64_t rank, AxesAttribute axis, AxesAttribute keepAxis);

/// `wantsElements`: the op has no result where nothing is reduced (G3016).
mlir::LogicalResult inferReduction(std::optional<mlir::Location> location, llvm::StringRef mnemonic,
                                   mlir::ValueRange operands, llvm::ArrayRef<Dtype> dtypes, AxesAttribute axis,
                                   AxesAttribute keepAxis, bool keepDims, bool wantsElements,
                                   llvm::SmallVectorImpl<mlir::Type> &types);

/// Permutable: the axes that go from an operand whose axes were permuted, and the order of the result's axes then.
Axes permutedReduction(llvm::ArrayRef<int64_t> perm, AxesAttribute axis, AxesAttribute keepAxis, bool keepDims,
                       llvm::SmallVectorImpl<int64_t> &resultPerm);

/// Of operand 0 of the op being lowered.
class Reduction {
public:
  Reduction(Lowering &lowering, llvm::ArrayRef<int64_t> axes);

  Shape kept; // the shape without the axes that go
  Dtype dtype;
  mlir::Type type; // what dtype is computed in

  /// One sweep, in order: accumulated = combine(accumulated, x), from `init`. x[0] is the element of compute type;
  /// further ones are those of `beside`, tensors of shape `kept`.
  using Combine = llvm::function_ref<mlir::Value(ScalarBuilder &, mlir::Value accumulated, mlir::ValueRange x)>;
  mlir::Value sweep(mlir::TypedAttr init, Combine combine, mlir::ValueRange beside = {});
  /// An elementwise function of tensors of shape `kept` and type `type`.
  using Function = llvm::function_ref<mlir::Value(ScalarBuilder &, mlir::ValueRange x)>;
  mlir::Value map(mlir::ValueRange tensors, Function function);

  mlir::TypedAttr real(double value) const { return mlir::FloatAttr::get(type, value); }
  mlir::TypedAttr integer(int64_t value) const { return mlir::IntegerAttr::get(type, value); }
  mlir::Value sum();
  /// The largest (least) element; NaN if there is one. Of nothing: -infinity (+infinity), the
  /// least (largest) integer.
  mlir::Value largest();
  mlir::Value least();
  /// The shift of a sum of exponentials, from the largest element: by an infinity it would make NaN of what is
  /// infinite.
  mlir::Value finiteOrZero(mlir::Value largest);
  /// sum / number of elements reduced. Of nothing: NaN.
  mlir::Value divideByCount(mlir::Value sum);

  /// The op's result from a tensor of shape `kept` and compute type.
  mlir::Value result(mlir::Value computed);

private:
  Lowering &l;
  Axes axes;
  Shape shape;
};

/// Each result from the elements it is made of, in order.
void evaluateReduction(const HostTensor &x, llvm::ArrayRef<int64_t> axes,
                       llvm::function_ref<Number(llvm::ArrayRef<Number>)> function, HostTensor &result);

} // namespace graphc::graph
