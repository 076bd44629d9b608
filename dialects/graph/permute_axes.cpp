// permute_axes.h.
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/infer_op_types.h"
#include "dialects/graph/row_major.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace graphc::graph {

Permutation channelsLastPerm(int64_t rank) {
  Permutation perm{0};
  for (int64_t axis = 2; axis < rank; ++axis) perm.push_back(axis);
  perm.push_back(1);
  return perm;
}

bool isIdentity(llvm::ArrayRef<int64_t> perm) { return llvm::is_sorted(perm); }

Permutation inverse(llvm::ArrayRef<int64_t> perm) {
  Permutation result(perm.size());
  for (auto [i, axis] : llvm::enumerate(perm)) result[axis] = int64_t(i);
  return result;
}

std::optional<Reordering> reorderingOf(Value tensor) {
  auto op = tensor.getDefiningOp<TransposeOp>();
  if (!op) return std::nullopt;
  Reordering result{op.getX(), {}};
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  for (int64_t i = 0; i < rank; ++i)
    result.perm.push_back(op.getPerm() ? axisFromFront((*op.getPerm())[i], rank) : rank - 1 - i);
  return result;
}

Value permuteAxes(OpBuilder &b, Value tensor, llvm::ArrayRef<int64_t> perm) {
  if (isIdentity(perm)) return tensor;
  if (auto reordered = reorderingOf(tensor); reordered && reordered->perm.size() == perm.size()) {
    Permutation both;
    for (int64_t axis : perm) both.push_back(reordered->perm[axis]);
    if (isIdentity(both)) return reordered->source;
  }
  Shape shape = shapeOf(cast<RankedTensorType>(tensor.getType())), from(perm.size() - shape.size(), Dim(1)), to;
  from.append(shape);
  Permutation moving;
  for (int64_t axis : perm) {
    to.push_back(from[axis]);
    if (!from[axis].is(1)) moving.push_back(axis);
  }
  auto reshaped = [&](Value value, const Shape &wanted) -> Value {
    return b.create<ReshapeOp>(value.getLoc(), value, shapeAttr(b.getContext(), wanted));
  };
  if (isIdentity(moving)) return to == shape ? tensor : reshaped(tensor, to);
  if (from.size() != shape.size()) tensor = reshaped(tensor, from);
  return b.create<TransposeOp>(tensor.getLoc(), tensor, b.getDenseI64ArrayAttr(perm));
}

Operation *createLike(OpBuilder &b, Operation *op, ValueRange operands, llvm::ArrayRef<NamedAttribute> changed,
                      llvm::ArrayRef<llvm::StringRef> dropped) {
  OperationState state(op->getLoc(), op->getName(), operands, TypeRange());
  NamedAttrList attributes(op->getAttrDictionary());
  for (NamedAttribute attribute : changed) attributes.set(attribute.getName(), attribute.getValue());
  for (llvm::StringRef name : dropped) attributes.erase(name);
  state.attributes = attributes;
  if (failed(inferOpTypes(state, attributes.getDictionary(b.getContext())))) return nullptr;
  return b.create(state);
}

} // namespace graphc::graph
