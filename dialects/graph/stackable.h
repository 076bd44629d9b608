// Work of all turns of a loop at once (stackable.td). Ops get the interface as external models, each in its own file,
// when the dialect is registered: so ops and passes that know nothing of it do not depend on it.
#pragma once
#include "dialects/graph/derivative_rule.h"
#include "mlir/IR/OpDefinition.h"

#include "dialects/graph/stackable.h.inc"

namespace graphc::graph {

/// Once, after the ops are registered: elementwise ops and reductions as a whole, others one by one.
void attachStackable(mlir::MLIRContext &context);

// By file of ops/.
void attachStackableMatmul(mlir::MLIRContext &context);
void attachStackableReductions(mlir::MLIRContext &context);
void attachStackableReshapes(mlir::MLIRContext &context);
void attachStackableSplit(mlir::MLIRContext &context);
void attachStackableTranspose(mlir::MLIRContext &context);

} // namespace graphc::graph
