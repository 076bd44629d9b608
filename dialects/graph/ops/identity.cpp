// identity: y = x. Not elementwise in the sense of the base class: it lowers to nothing, and loads nothing.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/operand_type.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult IdentityOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  FailureOr<RankedTensorType> x = operandType(location, "identity", adaptor.getOperands(), 0, Dtype::F32); // (C1)
  if (failed(x)) return failure();
  types.push_back(RankedTensorType::get(x->getShape(), x->getElementType()));
  return success();
}

OpFoldResult IdentityOp::fold(FoldAdaptor) { return getX(); }

FailureOr<SmallVector<Value>> IdentityOp::lower(OpBuilder &) { return SmallVector<Value>{getX()}; }

LogicalResult IdentityOp::evaluate(ArrayRef<HostTensor> operands, SmallVectorImpl<HostTensor> &results) {
  results.push_back(operands[0]);
  return success();
}

uint64_t IdentityOp::flops() { return 0; }
