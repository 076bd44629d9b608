// Two elementwise generics of which one reads the other become one, with the results of both: what the producer makes
// is stored as before and not read again.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace graphc::lower {

/// Inputs of a generic that is made of others, each once.
struct JoinedInputs {
  llvm::SmallVector<mlir::Value> values = {};
  llvm::SmallVector<mlir::AffineMap> maps = {};

  size_t positionOf(mlir::Value value, mlir::AffineMap map);
};

/// True for an all-parallel op whose results lie as its loops do and that reads no init.
bool isOverItsElements(mlir::linalg::GenericOp op);
/// True if `reader` can take in the producer: it reads it element by element, and one body of both is not too large.
/// Both are over their elements.
bool canJoin(mlir::linalg::GenericOp producer, mlir::linalg::GenericOp reader);
/// The pair as one op at the reader's place, with the reader's results behind those of the producer that others read.
mlir::linalg::GenericOp joinPair(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp producer,
                                 mlir::linalg::GenericOp reader);

} // namespace graphc::lower
