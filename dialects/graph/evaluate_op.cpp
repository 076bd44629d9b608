// evaluate_op.h.
#include "dialects/graph/evaluate_op.h"

using namespace mlir;

namespace graphc::graph {

FailureOr<llvm::SmallVector<HostTensor>> evaluateOp(Evaluable op, llvm::ArrayRef<HostTensor> operands) {
  llvm::SmallVector<HostTensor> results;
  for (Type type : op->getResultTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    std::optional<Dtype> dtype = tensor ? dtypeOf(tensor.getElementType()) : std::nullopt;
    if (!dtype || !tensor.hasStaticShape()) return failure();
    results.emplace_back(*dtype, tensor.getShape());
  }
  if (failed(op.evaluate(operands, results))) return failure();
  for (HostTensor &result : results) result.round();
  return results;
}

} // namespace graphc::graph
