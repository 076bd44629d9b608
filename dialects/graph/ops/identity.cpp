// identity: y = x. Not elementwise in the sense of the base class: it lowers to nothing, and loads nothing.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/operand_type.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult IdentityOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  FailureOr<RankedTensorType> x = operandType(location, "identity", adaptor.getOperands(), 0, {}); // (C1)
  if (failed(x)) return failure();
  types.push_back(*x);
  return success();
}

OpFoldResult IdentityOp::fold(FoldAdaptor) { return getX(); }

FailureOr<SmallVector<Value>> IdentityOp::lower(Lowering &lowering) { return SmallVector<Value>{lowering.in[0]}; }

LogicalResult IdentityOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  results[0] = operands[0];
  return success();
}

uint64_t IdentityOp::flops() { return 0; }
