// How large the code of an elementwise body becomes: what fusion weighs against the memory traffic that it saves.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace graphc::lower {

/// About how many instructions an element takes; functions of the math dialect become polynomials.
size_t bodySize(mlir::Operation *linalgOp);

} // namespace graphc::lower
