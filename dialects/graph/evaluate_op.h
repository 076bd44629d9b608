// Reference evaluation of one op whose results have static shapes: allocates, evaluates, rounds.
#pragma once
#include "dialects/graph/op_facts.h"

namespace graphc::graph {

/// One tensor per result. Failure where a result has named dims or a type the language lacks, or the op cannot be
/// evaluated on these operands.
mlir::FailureOr<llvm::SmallVector<HostTensor>> evaluateOp(Evaluable op, llvm::ArrayRef<HostTensor> operands);

} // namespace graphc::graph
