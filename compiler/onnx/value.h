// What a name stands for while a model is imported: a constant, or a value of the graph being built. A null value was
// not given (an optional input) or could not be built (then it was reported). The accessors answer for any value, also
// a null one, so that a mapping may be written as one expression and fail once at its end.
#pragma once
#include "compiler/onnx/constant.h"
#include "mlir/IR/BuiltinTypes.h"

namespace graphc::onnx {

class Value {
public:
  Value() = default;
  Value(ConstantRef known) : known(std::move(known)) {}
  Value(mlir::Value built) : built(built) {}
  explicit operator bool() const { return known || built; }

  /// Null unless the value is known at import.
  const ConstantRef &constant() const { return known; }
  mlir::Value graphValue() const { return built; }

  graph::Dtype dtype() const {
    if (known) return known->dtype;
    if (!built) return graph::Dtype::F32;
    return graph::dtypeOf(type().getElementType()).value_or(graph::Dtype::F32);
  }
  llvm::ArrayRef<int64_t> shape() const {
    if (known) return known->shape;
    return built ? type().getShape() : llvm::ArrayRef<int64_t>();
  }
  int64_t rank() const { return static_cast<int64_t>(shape().size()); }
  /// Size of an axis, counted from the end if negative; 1 for an axis that is not there.
  int64_t dim(int64_t axis) const {
    int64_t fromFront = axis < 0 ? axis + rank() : axis;
    return fromFront >= 0 && fromFront < rank() ? shape()[fromFront] : 1;
  }
  bool isFloat() const { return graph::isFloat(dtype()); }

private:
  mlir::RankedTensorType type() const { return mlir::cast<mlir::RankedTensorType>(built.getType()); }
  ConstantRef known;
  mlir::Value built;
};

} // namespace graphc::onnx
