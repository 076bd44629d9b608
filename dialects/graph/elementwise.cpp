// elementwise.h. Operands of size 1 are read at index 0 of the stretched axis: nothing is copied to be broadcast.
#include "dialects/graph/elementwise.h"
#include "dialects/graph/broadcast_shape.h"
#include "dialects/graph/operand_type.h"

using namespace mlir;

namespace graphc::graph {

LogicalResult inferElementwise(std::optional<Location> location, llvm::StringRef mnemonic, ValueRange operands,
                               llvm::ArrayRef<Dtype> dtypes, std::optional<Dtype> result, int conditions,
                               llvm::SmallVectorImpl<Type> &types) {
  FailureOr<llvm::SmallVector<RankedTensorType>> in = operandTypes(location, mnemonic, operands, dtypes, conditions);
  if (failed(in)) return failure();
  Shape shape = shapeOf(in->front());
  llvm::SmallVector<About> about = {About::theOperand(0)};
  for (size_t i = 1; i < in->size(); ++i) {
    FailureOr<Shape> both = broadcastShape(location, shape, 0, shapeOf((*in)[i]), i);
    if (failed(both)) return failure();
    shape = *both;
    about.push_back(About::theOperand(i));
  }
  Type element = result ? elementType(in->back().getContext(), *result) : in->back().getElementType();
  return addResultType(location, shape, element, about, types);
}

Value lowerElementwise(Lowering &lowering, ScalarLowering scalar) {
  llvm::SmallVector<Dtype> dtypes;
  llvm::SmallVector<Shape> shapes;
  for (unsigned i = 0; i < lowering.in.size(); ++i) {
    dtypes.push_back(lowering.operandDtype(i));
    shapes.push_back(lowering.operandShape(i));
  }
  Dtype result = lowering.resultDtype();
  return lowering.elementwise(lowering.in, shapes, lowering.resultShape(), lowering.plainElement(result),
                              [&](ImplicitLocOpBuilder &b, ValueRange stored) {
                                llvm::SmallVector<Value> x;
                                for (auto [value, dtype] : llvm::zip(stored, dtypes))
                                  x.push_back(Lowering::toCompute(b, value, dtype));
                                ScalarBuilder builder(b.getLoc(), b, dtypes, result);
                                Value y = scalar(builder, x);
                                return Lowering::toStored(b, y, result);
                              });
}

LogicalResult evaluateElementwise(llvm::ArrayRef<HostTensor> operands, ScalarEvaluation scalar, HostTensor &result) {
  llvm::SmallVector<llvm::SmallVector<int64_t>> strides;
  for (const HostTensor &operand : operands) strides.push_back(broadcastStrides(operand.shape, result.shape));
  llvm::SmallVector<int64_t> index(result.shape.size(), 0), offsets(operands.size(), 0);
  llvm::SmallVector<Number> x(operands.size());
  for (int64_t position = 0, count = result.size(); position < count; ++position) {
    for (size_t i = 0; i < operands.size(); ++i) x[i] = elementAt(operands[i], offsets[i]);
    setElement(result, position, scalar(x));
    for (size_t axis = index.size(); axis-- > 0;) { // to the next index: the last axis that is not at its end steps on
      bool wraps = ++index[axis] == result.shape[axis];
      for (size_t i = 0; i < operands.size(); ++i)
        offsets[i] += wraps ? -strides[i][axis] * (result.shape[axis] - 1) : strides[i][axis];
      if (!wraps) break;
      index[axis] = 0;
    }
  }
  return success();
}

llvm::SmallVector<unsigned> permutedElementwise(Operation *op, llvm::ArrayRef<int64_t> perm) {
  llvm::SmallVector<unsigned> operands;
  if (cast<RankedTensorType>(op->getResult(0).getType()).getRank() != int64_t(perm.size())) return operands;
  for (unsigned i = 0; i < op->getNumOperands(); ++i) operands.push_back(i);
  return operands;
}

} // namespace graphc::graph
