// Several tensors of one dtype as one vector, each row-major, one behind the other, and back: how all derivatives by
// params cross the border of a library.
#pragma once
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace graphc::graph {

/// At least one tensor, of static shapes.
mlir::Value joinFlat(mlir::OpBuilder &builder, mlir::Location location, mlir::ValueRange tensors);
llvm::SmallVector<mlir::Value> takeFlat(mlir::OpBuilder &builder, mlir::Location location, mlir::Value vector,
                                        llvm::ArrayRef<mlir::RankedTensorType> types);

} // namespace graphc::graph
