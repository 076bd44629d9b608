// random_categorical: y = first argmax_c (logits_c + g_c), g Gumbel distributed, which draws c with probability
// softmax(logits)_c. One graph.loops over rows and classes, everything in f64.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/random_numbers.h"
#include <limits>

using namespace mlir;
using namespace graphc::graph;

LogicalResult RandomCategoricalOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                                    Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto logits = operandType(location, "random_categorical", adaptor.getOperands(), 0, floatDtypes); // (C1)
  if (failed(logits)) return failure();
  if (logits->getRank() == 0) // (C2)
    return shapeError(location, "G3008", About::theOperand(0), "'random_categorical' needs an axis of classes");
  Shape shape = shapeOf(*logits);
  Dim classes = shape.pop_back_val();
  if (classes.low() <= 0) // (C3)
    return shapeError(location, "G3016", About::theOperand(0),
                      "'random_categorical' needs at least one class, the last axis of " + shapeText(shapeOf(*logits)) +
                          (classes.isStatic() ? " is empty" : " may be empty"));
  Type element = adaptor.getDtype().value_or(elementType(context, Dtype::I32));
  if (element != elementType(context, Dtype::I32) && element != elementType(context, Dtype::I64)) // (C4)
    return shapeError(location, "G4002", About::theAttribute("dtype"),
                      "classes cannot be " + typeName(element) + ", they can be i32 or i64");
  if (element.isInteger(32) && classes.high() - 1 > std::numeric_limits<int32_t>::max()) // (C5)
    return shapeError(location, "G4005", About::theOperand(0),
                      "positions along an axis of size " + classes.text() + " do not fit i32, set 'dtype' to i64");
  if (failed(checkKey(location, adaptor.getKey(), 1))) return failure(); // (C6)
  return addResultType(location, shape, element, About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> RandomCategoricalOp::lower(Lowering &l) {
  Dtype dtype = l.operandDtype(0);
  Shape rows = l.operandShape(0);
  Dim classes = rows.pop_back_val();
  LoopWriter w(l, {l.in[0], l.in[1]}, {elementCount(rows), classes},
               LoopWriter::Out{rows, l.plainElement(l.resultDtype())});
  Value key = w.load(w.in(1), w.index(0)), two = w.index(elementsPerBlock(DrawnBits::Pair));
  Value least = w.create<arith::ConstantOp>(w.getF64FloatAttr(-std::numeric_limits<double>::infinity()));
  w.loop(w.index(0), w.size(0), [&](Value row) {
    auto best = w.loop(w.index(0), w.size(1), {least, w.index(0)}, [&](Value c, ValueRange best) {
      Value at = w.add(w.mul(row, w.size(1)), c), logit = w.loadComputed(w.in(0), at, dtype);
      if (!logit.getType().isF64()) logit = w.create<arith::ExtFOp>(w.getF64Type(), logit);
      CodeBlock block = drawBlock(w, key, w.fromIndex(w.div(at, two), w.getI64Type()), DrawnBits::Pair);
      Value drawn = w.select(w.equal(w.rem(at, two), w.index(0)), block[0], block[1]);
      Value sum = w.create<arith::AddFOp>(logit, gumbelOf(w, drawn));
      Value more = w.create<arith::CmpFOp>(arith::CmpFPredicate::OGT, sum, best[0]);
      return LoopWriter::Values{w.select(more, sum, best[0]), w.select(more, c, best[1])};
    });
    w.store(w.fromIndex(best[1], l.plainElement(l.resultDtype())), w.out(0), row);
  });
  return w.results();
}

LogicalResult RandomCategoricalOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &logits = operands[0];
  int64_t classes = logits.shape.back();
  for (int64_t row = 0, rows = results[0].size(); row < rows; ++row) {
    double best = -std::numeric_limits<double>::infinity();
    for (int64_t c = 0; c < classes; ++c) {
      int64_t at = row * classes + c;
      double sum =
          logits.floats[at].v + gumbelOf(drawBits(uint64_t(operands[1].integers[0]), uint64_t(at), DrawnBits::Pair));
      if (!(sum > best)) continue;
      best = sum;
      results[0].integers[row] = c;
    }
  }
  return success();
}

/// Two logarithms and a whole Philox per class.
Dim RandomCategoricalOp::flops() { return 120 * elementCount(shapeOf(cast<RankedTensorType>(getLogits().getType()))); }
