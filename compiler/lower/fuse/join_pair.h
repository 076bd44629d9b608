// Two elementwise generics of which one reads the other become one, with the results of both: what the producer makes
// is stored as before and not read again.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace graphc::lower {

/// True for an all-parallel op whose results lie as its loops do and that reads no init.
bool isOverItsElements(mlir::linalg::GenericOp op);
/// The one operand through which `reader` can take in the producer, element by element. Both are over their elements.
/// Null: it reads something else of it, or one body of both would be too large.
mlir::OpOperand *joiningOperand(mlir::linalg::GenericOp producer, mlir::linalg::GenericOp reader);
/// The pair as one op at the reader's place. Null: nothing is changed.
mlir::linalg::GenericOp joinPair(mlir::RewriterBase &rewriter, mlir::OpOperand *operand);

} // namespace graphc::lower
