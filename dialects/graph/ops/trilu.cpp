// trilu: y[..., i, j] = x[..., i, j] if j - i >= k (upper) or <= k (lower), else 0. Elementwise, over the loops'
// indices.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/permute_axes.h"

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
  Dim rows = shape[shape.size() - 2], columns = shape.back();
  LoopWriter w(l, l.in, {elementCount(ArrayRef(shape).drop_back(2)), rows, columns, Dim(boundedDiagonal(getK()))},
               LoopWriter::Out{shape, element});
  Value zero = w.create<arith::ConstantOp>(w.getZeroAttr(element));
  w.nest({w.size(0), w.size(1)}, [&](ValueRange i) {
    Value row = w.mul(w.add(w.mul(i[0], w.size(1)), i[1]), w.size(2));
    // The first column of the other part: upper keeps from there on, lower up to there.
    Value edge = w.add(i[1], w.add(w.size(3), w.index(getUpper() ? 0 : 1)));
    edge = w.min(w.max(edge, w.index(0)), w.size(2));
    auto copy = [&](Value j) { w.store(w.load(w.in(0), w.add(row, j)), w.out(0), w.add(row, j)); };
    auto clear = [&](Value j) { w.store(zero, w.out(0), w.add(row, j)); };
    if (getUpper()) {
      w.loop(w.index(0), edge, clear);
      w.loop(edge, w.size(2), copy);
    } else {
      w.loop(w.index(0), edge, copy);
      w.loop(edge, w.size(2), clear);
    }
  });
  return w.results();
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

Dim TriluOp::flops() { return 0; }
Value TriluOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) { return createLike(b, *this, ct[0])->getResult(0); }
