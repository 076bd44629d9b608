// What an op's `lower` gets: a builder at its place, its operands as plain tensors, and the sizes of named dims as
// values. The op's own types still say dtypes and named dims; the plain ones have signless integers, one byte per bool,
// and `?` for named dims. lower-graph-ops makes one per op.
#pragma once
#include "dialects/graph/dim.h"
#include "dialects/graph/element_type.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace graphc::graph {

class Lowering : public mlir::ImplicitLocOpBuilder {
public:
  /// `valueOf` gives a named dim of the function being lowered as an index.
  Lowering(mlir::Operation *op, mlir::ValueRange operands, llvm::function_ref<mlir::Value(DimAttr)> valueOf)
      : ImplicitLocOpBuilder(op->getLoc(), op), in(operands.begin(), operands.end()), op(op), valueOf(valueOf) {}

  const llvm::SmallVector<mlir::Value> in; // lowered operands

  // Of the op, as the graph says it.
  mlir::RankedTensorType operandType(unsigned i) const;
  mlir::RankedTensorType resultType(unsigned i = 0) const;
  Shape operandShape(unsigned i) const { return shapeOf(operandType(i)); }
  Shape resultShape(unsigned i = 0) const { return shapeOf(resultType(i)); }
  Dtype operandDtype(unsigned i) const { return *dtypeOf(operandType(i).getElementType()); }
  Dtype resultDtype(unsigned i = 0) const { return *dtypeOf(resultType(i).getElementType()); }

  // Plain types and values.
  /// Signless; bool is i8.
  mlir::Type plainElement(Dtype dtype);
  mlir::RankedTensorType plainType(llvm::ArrayRef<Dim> shape, mlir::Type element);
  /// Of a result, as `lower` must return it.
  mlir::RankedTensorType plainResult(unsigned i = 0);
  mlir::Value size(const Dim &dim); // index
  llvm::SmallVector<mlir::Value> sizes(llvm::ArrayRef<Dim> shape);
  mlir::Value index(int64_t value);
  /// A tensor to write into.
  mlir::Value empty(llvm::ArrayRef<Dim> shape, mlir::Type element);
  mlir::Value filled(llvm::ArrayRef<Dim> shape, mlir::TypedAttr value);
  /// The same elements, in the same order, under another shape (of as many elements).
  mlir::Value reshape(mlir::Value tensor, llvm::ArrayRef<Dim> from, llvm::ArrayRef<Dim> to);

  /// One linalg.generic, parallel along every axis of `shape`, that reads each operand (of the shape given beside it)
  /// by broadcasting. The body gets and gives plain scalars.
  using Body = llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::ValueRange)>;
  mlir::Value elementwise(mlir::ValueRange operands, llvm::ArrayRef<Shape> operandShapes, llvm::ArrayRef<Dim> shape,
                          mlir::Type element, Body body);

  // Scalars: between what lies in memory and what is computed with.
  /// f32 for f16 and bf16, i1 for bool, else the plain element.
  mlir::Type computeType(Dtype dtype);
  static mlir::Value toCompute(mlir::ImplicitLocOpBuilder &b, mlir::Value stored, Dtype dtype);
  static mlir::Value toStored(mlir::ImplicitLocOpBuilder &b, mlir::Value computed, Dtype dtype);
  /// A tensor of `from` as one of compute type, and back; nothing where they are one. Bools too.
  mlir::Value tensorToCompute(mlir::Value tensor, llvm::ArrayRef<Dim> shape, Dtype dtype);
  mlir::Value tensorToStored(mlir::Value tensor, llvm::ArrayRef<Dim> shape, Dtype dtype);

private:
  mlir::Operation *op;
  llvm::function_ref<mlir::Value(DimAttr)> valueOf;
};

} // namespace graphc::graph
