// How large the code of an elementwise body becomes: what fusion weighs against the memory traffic that it saves.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace graphc::lower {

/// A function of the math dialect that becomes a polynomial, not an instruction.
bool isFunction(mlir::Operation &op);
/// About how many instructions an element takes; functions count as 24.
size_t bodySize(mlir::Block &body);
size_t bodySize(mlir::Operation *linalgOp);
/// True if the two are one body that is worth its code: ten functions and their arithmetic; an LSTM cell has five.
bool staySmall(mlir::Operation *producer, mlir::Operation *consumer);

} // namespace graphc::lower
