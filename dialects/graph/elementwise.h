// The facts that all elementwise ops share (Graph_Elementwise): shape by broadcasting, ONE linalg.generic around a
// scalar body, and evaluation element by element. f32 is the one dtype of this version.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace graphc::graph {

mlir::LogicalResult inferElementwise(std::optional<mlir::Location> location, llvm::StringRef mnemonic,
                                     mlir::ValueRange operands, llvm::SmallVectorImpl<mlir::Type> &types);

using ScalarLowering = mlir::Value (*)(mlir::OpBuilder &, mlir::Location, mlir::ValueRange);
mlir::Value lowerElementwise(mlir::OpBuilder &builder, mlir::Operation *op, ScalarLowering scalar);

using ScalarEvaluation = Jet (*)(llvm::ArrayRef<Jet>);
mlir::LogicalResult evaluateElementwise(mlir::Operation *op, llvm::ArrayRef<HostTensor> operands,
                                        ScalarEvaluation scalar, llvm::SmallVectorImpl<HostTensor> &results);

/// One linalg.generic, parallel along every axis of `type`, that reads each operand by broadcasting and computes
/// `scalar`.
mlir::Value buildElementwise(mlir::OpBuilder &builder, mlir::Location location, mlir::ValueRange operands,
                             mlir::RankedTensorType type, ScalarLowering scalar);

} // namespace graphc::graph
