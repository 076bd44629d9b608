// stackable.h. What elementwise ops share.
#include "dialects/graph/stackable.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"

using namespace mlir;

#include "dialects/graph/stackable.cpp.inc"

namespace graphc::graph {

namespace {
/// What is stacked gets axes of size 1 behind its first, where broadcasting would put them in front.
template <class Op> struct StackableElementwise : Stackable::ExternalModel<StackableElementwise<Op>, Op> {
  SmallVector<Value> createStacked(Operation *op, RuleBuilder &b, ValueRange operands, ArrayRef<bool> stacked) const {
    size_t rank = shapeOf(op->getResult(0)).size() + 1;
    SmallVector<Value> aligned;
    for (auto [operand, isStacked] : llvm::zip_equal(operands, stacked)) {
      Shape shape = shapeOf(operand);
      if (isStacked) shape.insert(shape.begin() + 1, rank - shape.size(), Dim(1));
      aligned.push_back(b.reshape(operand, shape));
    }
    return {createLike(b, op, aligned)->getResult(0)};
  }
};

template <class Op, class = void> constexpr bool isElementwise = false;
template <class Op> constexpr bool isElementwise<Op, std::void_t<decltype(&Op::lowerScalar)>> = true;

template <class... Ops> void attachToElementwise(MLIRContext &context) {
  auto attach = [&](auto *op) {
    using Op = std::remove_pointer_t<decltype(op)>;
    if constexpr (isElementwise<Op>) Op::template attachInterface<StackableElementwise<Op>>(context);
  };
  (attach(static_cast<Ops *>(nullptr)), ...);
}
} // namespace

void attachStackable(MLIRContext &context) {
  attachToElementwise<
#define GET_OP_LIST
#include "dialects/graph/graph_ops.cpp.inc"
      >(context);
  attachStackableMatmul(context);
  attachStackableReductions(context);
  attachStackableReshapes(context);
  attachStackableSplit(context);
  attachStackableTranspose(context);
}

} // namespace graphc::graph
