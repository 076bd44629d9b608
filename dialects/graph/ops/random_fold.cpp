// random_fold: y = foldKey(key, i) (random_numbers.h).
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/random_numbers.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult RandomFoldOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  if (failed(checkKey(location, adaptor.getKey(), 0))) return failure();                             // (C1)
  auto i = operandType(location, "random_fold", adaptor.getOperands(), 1, {Dtype::I32, Dtype::I64}); // (C2)
  if (failed(i)) return failure();
  if (i->getRank() != 0)
    return shapeError(location, "G3008", About::theOperand(1),
                      "'random_fold' takes one number for a key, this is " + shapeText(shapeOf(*i)));
  return addResultType(location, {}, elementType(context, Dtype::I64), About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> RandomFoldOp::lower(Lowering &l) {
  LoopWriter w(l, {l.in[0], l.in[1]}, {}, LoopWriter::Out{{}, l.getI64Type()});
  Value i = w.load(w.in(1), w.index(0));
  if (l.operandDtype(1) == Dtype::I32) i = w.create<arith::ExtSIOp>(w.getI64Type(), i);
  w.store(foldKey(w, w.load(w.in(0), w.index(0)), i), w.out(0), w.index(0));
  return w.results();
}

LogicalResult RandomFoldOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  results[0].integers[0] = int64_t(foldKey(uint64_t(operands[0].integers[0]), uint64_t(operands[1].integers[0])));
  return success();
}

Dim RandomFoldOp::flops() { return 100; }
