// The result types of an op that does not exist yet, asked from its own shape rule: how front ends build any op by its
// mnemonic without naming one.
#pragma once
#include "mlir/IR/OperationSupport.h"

namespace graphc::graph {

/// Fills state.types from state.operands and `attributes`. Failure after an MLIR diagnostic (for a rule of the language
/// the text of a shapeError), or where the op has no shape rule. The op must be registered.
mlir::LogicalResult inferOpTypes(mlir::OperationState &state, mlir::DictionaryAttr attributes);

} // namespace graphc::graph
