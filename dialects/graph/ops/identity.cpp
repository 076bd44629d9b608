// Ops that pass their operand on. Not elementwise in the sense of the base class: they lower to nothing, and load
// nothing. stop_gradient does not fold: differentiation must find it.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/operand_type.h"

using namespace mlir;
using namespace graphc::graph;

// identity
LogicalResult IdentityOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  FailureOr<RankedTensorType> x = operandType(location, "identity", adaptor.getOperands(), 0, allDtypes); // (C1)
  if (failed(x)) return failure();
  types.push_back(*x);
  return success();
}

OpFoldResult IdentityOp::fold(FoldAdaptor) { return getX(); }

FailureOr<SmallVector<Value>> IdentityOp::lower(Lowering &lowering) { return SmallVector<Value>{lowering.in[0]}; }

// identity
LogicalResult IdentityOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  results[0] = operands[0];
  return success();
}

Dim IdentityOp::flops() { return 0; }
Value IdentityOp::transpose(RuleBuilder &, unsigned, ValueRange ct) { return ct[0]; }

// stop_gradient
LogicalResult StopGradientOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  FailureOr<RankedTensorType> x = operandType(location, "stop_gradient", adaptor.getOperands(), 0, allDtypes); // (C1)
  if (failed(x)) return failure();
  types.push_back(*x);
  return success();
}

FailureOr<SmallVector<Value>> StopGradientOp::lower(Lowering &lowering) { return SmallVector<Value>{lowering.in[0]}; }

LogicalResult StopGradientOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  results[0] = operands[0];
  for (Jet &x : results[0].floats) x = Jet(x.v);
  return success();
}

Dim StopGradientOp::flops() { return 0; }
