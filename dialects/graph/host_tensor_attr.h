// Between host tensors and the attributes that hold constants in the IR.
#pragma once
#include "dialects/graph/host_tensor.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace graphc::graph {
/// Failure if the attribute is not dense or of a type the language lacks.
mlir::FailureOr<HostTensor> fromAttribute(mlir::Attribute attribute);
/// Values alone (tangents are dropped). Equal elements become a splat.
mlir::DenseElementsAttr toAttribute(mlir::MLIRContext *context, const HostTensor &tensor);
} // namespace graphc::graph
