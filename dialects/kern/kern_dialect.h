// The kern dialect: kern.run, kern.kernel and the model's laid-out parameters (kern_ops.td).
#pragma once
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/kern/kern_dialect.h.inc"
#define GET_OP_CLASSES
#include "dialects/kern/kern_ops.h.inc"

namespace graphc::kern {
/// Unit, on kern.run: see there.
inline constexpr llvm::StringLiteral touchesStateAttr = "kern.touches_state";

/// One-shot bufferization of kern.run: call once per registry or context that bufferizes.
void registerBufferization(mlir::DialectRegistry &registry);
} // namespace graphc::kern
