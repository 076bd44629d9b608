// argmax: y = min { i : x_i = max_j x_j } along an axis, or the first NaN. One reduction that carries the best value
// and its position.
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace graphc::graph;

LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "argmax", adaptor.getOperands(), 0, numberDtypes); // (C3)
  if (failed(x)) return failure();
  auto axis = checkedAxis(location, adaptor.getAxis(), x->getRank(), "axis", "x"); // (C1)
  if (failed(axis)) return failure();
  Shape shape = shapeOf(*x);
  Dim length = shape[*axis];
  if (length.low() <= 0) // (C2)
    return shapeError(location, "G3016", {About::theOperand(0), About::theAttribute("axis")},
                      "'argmax' needs at least one element, axis " + Twine(*axis) + " of " + shapeText(shape) +
                          (length.isStatic() ? " is empty" : " may be empty"));
  Type element = adaptor.getDtype().value_or(elementType(context, Dtype::I32));
  if (element != elementType(context, Dtype::I32) && element != elementType(context, Dtype::I64)) // (C4)
    return shapeError(location, "G4002", About::theAttribute("dtype"),
                      "positions cannot be " + typeName(element) + ", they can be i32 or i64");
  if (element.isInteger(32) && length.high() - 1 > std::numeric_limits<int32_t>::max()) // (C5)
    return shapeError(location, "G4005", {About::theAttribute("axis"), About::theOperand(0)},
                      "positions along an axis of size " + length.text() + " do not fit i32, set 'dtype' to i64");
  if (adaptor.getKeepDims())
    shape[*axis] = 1;
  else
    shape.erase(shape.begin() + *axis);
  return addResultType(location, shape, element, About::theOperand(0), types);
}

/// One step: (x, best, position) -> (best, position). For floats "x > best or either is NaN" and "best is no NaN": the
/// first NaN stays. The element at 0 is always taken, so that integers need no least value to start from.
static void buildStep(ScalarBuilder &b, ValueRange in, int64_t axis, Dtype dtype) {
  Value x = Lowering::toCompute(b, in[0], dtype), best = in[1], position = in[2];
  Value at = b.create<linalg::IndexOp>(axis), take;
  if (b.isReal()) {
    Value above = b.create<arith::CmpFOp>(arith::CmpFPredicate::UGT, x, best);
    take = b.create<arith::AndIOp>(above, b.create<arith::CmpFOp>(arith::CmpFPredicate::ORD, best, best));
  } else {
    take = b.compare(ScalarBuilder::Relation::Greater, x, best);
  }
  Value first = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, at, b.create<arith::ConstantIndexOp>(0));
  take = b.create<arith::OrIOp>(take, first);
  Value here = b.create<arith::IndexCastOp>(position.getType(), at);
  b.create<linalg::YieldOp>(ValueRange{b.select(take, x, best), b.select(take, here, position)});
}

FailureOr<SmallVector<Value>> ArgmaxOp::lower(Lowering &l) {
  Shape shape = l.operandShape(0);
  int64_t rank = shape.size(), axis = axisFromFront(getAxis(), rank);
  shape.erase(shape.begin() + axis);
  Dtype dtype = l.operandDtype(0);
  Value best = l.filled(shape, l.getZeroAttr(l.computeType(dtype)));
  Value position = l.filled(shape, l.getZeroAttr(l.plainElement(l.resultDtype())));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators[axis] = utils::IteratorType::reduction;
  AffineMap in = l.getMultiDimIdentityMap(rank), out = in.dropResult(axis);
  auto generic = l.create<linalg::GenericOp>(TypeRange{best.getType(), position.getType()}, l.in[0],
                                             ValueRange{best, position}, ArrayRef{in, out, out}, iterators,
                                             [&](OpBuilder &b, Location where, ValueRange scalars) {
                                               ScalarBuilder builder(where, b, dtype, l.resultDtype());
                                               buildStep(builder, scalars, axis, dtype);
                                             });
  return SmallVector<Value>{l.reshape(generic.getResult(1), shape, l.resultShape())};
}

LogicalResult ArgmaxOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  int64_t axis = axisFromFront(getAxis(), x.shape.size()), length = x.shape[axis], inner = 1;
  for (int64_t size : ArrayRef(x.shape).drop_front(axis + 1)) inner *= size;
  for (auto [i, best] : llvm::enumerate(results[0].integers)) {
    int64_t start = int64_t(i) / inner * inner * length + int64_t(i) % inner;
    auto at = [&](int64_t j) { return elementAt(x, start + j * inner); };
    auto isNan = [](const Number &n) { return n.isReal() && std::isnan(n.real.v); };
    for (int64_t j = 1; j < length && !isNan(at(best)); ++j)
      if (lessThan(at(best), at(j)) || isNan(at(j))) best = j;
  }
  return success();
}

uint64_t ArgmaxOp::flops() { return uint64_t(elementCount(shapeOf(getX().getType())).high()); }
