// transpose: y[i_0, ..., i_n-1] = x[j] with j_perm[k] = i_k. A copy by one linalg.generic that reads x through the
// permutation (so that what is computed from y can be fused with it), or a view where only axes of size 1 move.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/permuted.h"
#include "dialects/graph/row_major.h"
#include "dialects/graph/stackable.h"

using namespace mlir;
using namespace graphc::graph;

/// Axis of x for each axis of y; `perm` was checked.
static SmallVector<int64_t> permutation(std::optional<ArrayRef<int64_t>> perm, int64_t rank) {
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < rank; ++i) order.push_back(perm ? axisFromFront((*perm)[i], rank) : rank - 1 - i);
  return order;
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "transpose", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  Shape from = shapeOf(*x), to;
  if (auto perm = adaptor.getPerm()) {
    if (perm->size() != from.size()) // (C1)
      return shapeError(location, "G2002", {About::theAttribute("perm"), About::theOperand(0)},
                        "'perm' has " + Twine(perm->size()) + " entries, 'x' has " + Twine(from.size()) + " axes");
    if (failed(checkedAxes(location, *perm, from.size(), "perm", "x", /*sort=*/false))) return failure(); // (C2), (C3)
  }
  for (int64_t axis : permutation(adaptor.getPerm(), from.size())) to.push_back(from[axis]);
  types.push_back(tensorType(to, x->getElementType()));
  return success();
}

FailureOr<SmallVector<Value>> TransposeOp::lower(Lowering &l) {
  Shape from = l.operandShape(0), to = l.resultShape();
  SmallVector<int64_t> order = permutation(getPerm(), from.size()), moving;
  for (int64_t axis : order)
    if (!from[axis].is(1)) moving.push_back(axis);
  if (llvm::is_sorted(moving)) return SmallVector<Value>{l.reshape(l.in[0], from, to)};
  return SmallVector<Value>{permuted(l, l.in[0], from, order)};
}

LogicalResult TransposeOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  HostTensor &y = results[0];
  SmallVector<int64_t> order = permutation(getPerm(), x.shape.size()), at(order.size());
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    for (auto [i, axis] : llvm::enumerate(order)) at[axis] = index[i];
    setElement(y, flatIndex(index, y.shape), elementAt(x, flatIndex(at, x.shape)));
  });
  return success();
}

Dim TransposeOp::flops() { return 0; }

/// Two that lead back to the order of before.
std::optional<Advice> TransposeOp::advise() {
  auto before = getX().getDefiningOp<TransposeOp>();
  if (!before) return std::nullopt;
  int64_t rank = getType().getRank();
  SmallVector<int64_t> first = permutation(before.getPerm(), rank), second = permutation(getPerm(), rank);
  for (int64_t i = 0; i < rank; ++i)
    if (first[second[i]] != i) return std::nullopt;
  return Advice{"G8009", "these two transposes cancel"};
}
Value TransposeOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  int64_t rank = typeOf(getX()).getRank();
  Permutation perm;
  for (int64_t axis = 0; axis < rank; ++axis)
    perm.push_back(getPerm() ? axisFromFront((*getPerm())[axis], rank) : rank - 1 - axis);
  return b.permute(ct[0], inverse(perm));
}

namespace {
struct StackableTranspose : Stackable::ExternalModel<StackableTranspose, TransposeOp> {
  SmallVector<Value> createStacked(Operation *op, RuleBuilder &b, ValueRange x, ArrayRef<bool>) const {
    auto transpose = cast<TransposeOp>(op);
    Permutation perm{0};
    for (int64_t axis : permutation(transpose.getPerm(), typeOf(transpose.getX()).getRank())) perm.push_back(axis + 1);
    return {b.permute(x[0], perm)};
  }
};
} // namespace

void graphc::graph::attachStackableTranspose(MLIRContext &context) {
  TransposeOp::attachInterface<StackableTranspose>(context);
}
