// flat_tensors.h.
#include "dialects/graph/flat_tensors.h"
#include "dialects/graph/graph_dialect.h"

using namespace mlir;

namespace graphc::graph {

Value joinFlat(OpBuilder &builder, Location location, ValueRange tensors) {
  RuleBuilder b(location, builder);
  llvm::SmallVector<Value> flat;
  for (Value tensor : tensors) flat.push_back(b.reshape(tensor, elementCount(shapeOf(tensor))));
  return flat.size() == 1 ? flat[0] : b.op<ConcatOp>(flat, b.integer("axis", 0)).getResult();
}

llvm::SmallVector<Value> takeFlat(OpBuilder &builder, Location location, Value vector,
                                  llvm::ArrayRef<RankedTensorType> types) {
  RuleBuilder b(location, builder);
  llvm::SmallVector<Value> tensors;
  int64_t begin = 0;
  for (RankedTensorType type : types) {
    tensors.push_back(b.reshape(b.strided(vector, 0, begin, type.getNumElements(), 1), shapeOf(type)));
    begin += type.getNumElements();
  }
  return tensors;
}

} // namespace graphc::graph
