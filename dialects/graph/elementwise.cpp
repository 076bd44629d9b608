// elementwise.h. Operands of size 1 are read at index 0 of the stretched axis: nothing is copied to be broadcast.
#include "dialects/graph/elementwise.h"
#include "dialects/graph/broadcast_shape.h"
#include "dialects/graph/operand_type.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace graphc::graph {

LogicalResult inferElementwise(std::optional<Location> location, llvm::StringRef mnemonic, ValueRange operands,
                               llvm::SmallVectorImpl<Type> &types) {
  FailureOr<llvm::SmallVector<RankedTensorType>> in = operandTypes(location, mnemonic, operands, Dtype::F32);
  if (failed(in)) return failure();
  llvm::SmallVector<int64_t> shape(in->front().getShape());
  llvm::SmallVector<About> about = {About::theOperand(0)};
  for (size_t i = 1; i < in->size(); ++i) {
    FailureOr<llvm::SmallVector<int64_t>> both = broadcastShape(location, shape, 0, (*in)[i].getShape(), i);
    if (failed(both)) return failure();
    shape = *both;
    about.push_back(About::theOperand(i));
  }
  return addResultType(location, shape, in->front().getElementType(), about, types);
}

Value buildElementwise(OpBuilder &builder, Location location, ValueRange operands, RankedTensorType type,
                       ScalarLowering scalar) {
  llvm::SmallVector<AffineMap> maps;
  for (Value operand : operands)
    maps.push_back(
        broadcastMap(builder.getContext(), cast<RankedTensorType>(operand.getType()).getShape(), type.getShape()));
  maps.push_back(builder.getMultiDimIdentityMap(type.getRank()));
  llvm::SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  Value empty = builder.create<tensor::EmptyOp>(location, type.getShape(), type.getElementType());
  auto generic = builder.create<linalg::GenericOp>(location, TypeRange(type), operands, ValueRange(empty), maps,
                                                   iterators, [&](OpBuilder &b, Location l, ValueRange scalars) {
                                                     b.create<linalg::YieldOp>(
                                                         l, scalar(b, l, scalars.take_front(operands.size())));
                                                   });
  return generic.getResult(0);
}

Value lowerElementwise(OpBuilder &builder, Operation *op, ScalarLowering scalar) {
  return buildElementwise(builder, op->getLoc(), op->getOperands(), cast<RankedTensorType>(op->getResult(0).getType()),
                          scalar);
}

LogicalResult evaluateElementwise(Operation *op, llvm::ArrayRef<HostTensor> operands, ScalarEvaluation scalar,
                                  llvm::SmallVectorImpl<HostTensor> &results) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  HostTensor result(*dtypeOf(type.getElementType()), type.getShape());
  llvm::SmallVector<llvm::SmallVector<int64_t>> strides;
  for (const HostTensor &operand : operands) strides.push_back(broadcastStrides(operand.shape, result.shape));
  llvm::SmallVector<int64_t> index(result.shape.size(), 0), offsets(operands.size(), 0);
  llvm::SmallVector<Jet> x(operands.size());
  for (Jet &y : result.floats) {
    for (size_t i = 0; i < operands.size(); ++i) x[i] = operands[i].floats[offsets[i]];
    y = scalar(x);
    for (size_t axis = index.size(); axis-- > 0;) { // to the next index: the last axis that is not at its end steps on
      bool wraps = ++index[axis] == result.shape[axis];
      for (size_t i = 0; i < operands.size(); ++i)
        offsets[i] += wraps ? -strides[i][axis] * (result.shape[axis] - 1) : strides[i][axis];
      if (!wraps) break;
      index[axis] = 0;
    }
  }
  result.round();
  results.push_back(std::move(result));
  return success();
}

} // namespace graphc::graph
