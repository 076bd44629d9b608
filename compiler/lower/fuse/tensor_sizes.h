// The sizes of a function's tensors and buffers as expressions over its named dims, read off the IR: the function's
// index arguments are its graph.dims in their order, everything else is followed to them. Two sizes are equal if their
// expressions are (dialects/graph/dim.h); that `?` stands in a type says nothing. The other way round, `value` makes a
// size an SSA value: one per expression, at the function's top.
#pragma once
#include "dialects/graph/dim.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include <optional>

namespace graphc::lower {

class TensorSizes {
public:
  explicit TensorSizes(mlir::func::FuncOp function) : function(function) {}

  /// Of a tensor or memref. nullopt where a size does not come from the function's dims.
  std::optional<graph::Shape> shapeOf(mlir::Value shaped) const;
  /// Of an index.
  std::optional<graph::Dim> sizeOf(mlir::Value index) const;
  /// One per loop of the op.
  std::optional<graph::Shape> loopSizes(mlir::linalg::LinalgOp op) const;

  /// The size as a constant, or as an index that is made once, at the top.
  mlir::OpFoldResult value(const graph::Dim &size);
  /// The dynamic ones of a shape, as ops that allocate take them.
  llvm::SmallVector<mlir::Value> dynamicValues(llvm::ArrayRef<graph::Dim> shape);

private:
  std::optional<graph::Shape> ofSizes(llvm::ArrayRef<mlir::OpFoldResult> sizes) const;
  std::optional<graph::Shape> ofArgument(mlir::BlockArgument argument) const;
  std::optional<graph::Shape> ofCallResult(mlir::OpResult result, mlir::func::FuncOp callee) const;
  bool areOwn(llvm::ArrayRef<graph::DimAttr> symbols) const;
  /// The value that has the same shape, or null where the defining op says its sizes itself.
  mlir::Value sameShape(mlir::OpResult result) const;

  mlir::func::FuncOp function;
  llvm::SmallVector<std::pair<graph::Dim, mlir::Value>> made; // few: a function has few different sizes
};

/// The named dims of a function, one per index argument, in order (lower-graph-ops).
llvm::SmallVector<graph::DimAttr> functionDims(mlir::func::FuncOp function);
llvm::SmallVector<mlir::BlockArgument> dimArguments(mlir::func::FuncOp function);
/// Product of the sizes; 0 if one of them is, whatever the others would overflow to.
graph::Dim productOf(llvm::ArrayRef<graph::Dim> shape);
/// The plain tensor type of a shape.
mlir::RankedTensorType plainTensor(llvm::ArrayRef<graph::Dim> shape, mlir::Type element);

} // namespace graphc::lower
