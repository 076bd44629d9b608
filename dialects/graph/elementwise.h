// The facts that all elementwise ops share (Graph_Elementwise): shape by broadcasting, ONE linalg.generic around a
// scalar body, and evaluation element by element. f16 and bf16 are computed in f32 and rounded once per op.
#pragma once
#include "dialects/graph/lowering.h"
#include "dialects/graph/number.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/scalar_builder.h"

namespace graphc::graph {

/// `conditions` leading operands are bool; all others have one dtype among `dtypes`, which is the result's unless
/// `result` says another.
mlir::LogicalResult inferElementwise(std::optional<mlir::Location> location, llvm::StringRef mnemonic,
                                     mlir::ValueRange operands, llvm::ArrayRef<Dtype> dtypes,
                                     std::optional<Dtype> result, int conditions,
                                     llvm::SmallVectorImpl<mlir::Type> &types);

/// Scalars are of compute type (lowering.h).
using ScalarLowering = llvm::function_ref<mlir::Value(ScalarBuilder &, mlir::ValueRange)>;
mlir::Value lowerElementwise(Lowering &lowering, ScalarLowering scalar);

using ScalarEvaluation = llvm::function_ref<Number(llvm::ArrayRef<Number>)>;
mlir::LogicalResult evaluateElementwise(llvm::ArrayRef<HostTensor> operands, ScalarEvaluation scalar,
                                        HostTensor &result);

/// Permutable: all operands go along with the result's axes.
llvm::SmallVector<unsigned> permutedElementwise(mlir::Operation *op, llvm::ArrayRef<int64_t> perm);

} // namespace graphc::graph
