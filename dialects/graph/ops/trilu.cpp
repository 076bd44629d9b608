// trilu: y[..., i, j] = x[..., i, j] if j - i >= k (upper) or <= k (lower), else 0. Elementwise, over the loops'
// indices.
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace graphc::graph;

/// `k` where differences of positions can still reach it.
static int64_t boundedDiagonal(int64_t k) { return std::clamp<int64_t>(k, -(int64_t(1) << 48), int64_t(1) << 48); }

LogicalResult TriluOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "trilu", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  if (x->getRank() < 2) // (C1)
    return shapeError(location, "G3008", About::theOperand(0),
                      Twine("'trilu' needs a matrix, 'x' has ") + (x->getRank() ? "only one axis" : "no axis"));
  types.push_back(*x);
  return success();
}

FailureOr<SmallVector<Value>> TriluOp::lower(Lowering &l) {
  Shape shape = l.resultShape();
  Type element = l.plainElement(l.resultDtype());
  unsigned rank = shape.size();
  Value y = l.elementwise(l.in[0], shape, shape, element, [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
    Value row = b.create<linalg::IndexOp>(rank - 2), column = b.create<linalg::IndexOp>(rank - 1);
    Value bound = b.create<arith::AddIOp>(row, b.create<arith::ConstantIndexOp>(boundedDiagonal(getK())));
    Value keeps =
        b.create<arith::CmpIOp>(getUpper() ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle, column, bound);
    return b.create<arith::SelectOp>(keeps, x[0], b.create<arith::ConstantOp>(b.getZeroAttr(element)));
  });
  return SmallVector<Value>{y};
}

LogicalResult TriluOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  int64_t rows = x.shape[x.shape.size() - 2], columns = x.shape.back(), k = boundedDiagonal(getK());
  for (int64_t i = 0, n = x.size(); i < n; ++i) {
    int64_t difference = i % columns - i / columns % rows;
    if (getUpper() ? difference >= k : difference <= k) setElement(results[0], i, elementAt(x, i));
  }
  return success();
}

uint64_t TriluOp::flops() { return 0; }
