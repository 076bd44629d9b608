// argmax and argmin: y = the first (or last) i with x_i = max_j x_j, or min_j x_j, along an axis; a NaN wins over all
// numbers. One reduction that carries the best value and its position.
#include "dialects/graph/graph_dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace graphc::graph;

template <typename Adaptor>
static LogicalResult inferPosition(MLIRContext *context, std::optional<Location> location, StringRef mnemonic,
                                   Adaptor &adaptor, SmallVectorImpl<Type> &types) {
  auto x = operandType(location, mnemonic, adaptor.getOperands(), 0, numberDtypes); // (C3)
  if (failed(x)) return failure();
  auto axis = checkedAxis(location, adaptor.getAxis(), x->getRank(), "axis", "x"); // (C1)
  if (failed(axis)) return failure();
  Shape shape = shapeOf(*x);
  Dim length = shape[*axis];
  if (length.low() <= 0) // (C2)
    return shapeError(location, "G3016", {About::theOperand(0), About::theAttribute("axis")},
                      "'" + mnemonic + "' needs at least one element, axis " + Twine(*axis) + " of " +
                          shapeText(shape) + (length.isStatic() ? " is empty" : " may be empty"));
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

/// What is looked for: the largest or the least, the first or the last of them.
struct Wanted {
  int64_t axis;
  bool largest, last;
};
template <typename Op> static Wanted wantedOf(Op op, bool largest) {
  return {axisFromFront(op.getAxis(), op.getX().getType().getRank()), largest, op.getSelectLast()};
}

/// One step: (x, best, position) -> (best, position). Of NaNs too the first (last) is taken. The element at 0 is always
/// taken, so that integers need no first value to start from.
static void buildStep(ScalarBuilder &b, ValueRange in, Wanted wanted, Dtype dtype) {
  Value x = Lowering::toCompute(b, in[0], dtype), best = in[1], position = in[2];
  using Relation = ScalarBuilder::Relation;
  Relation strict = wanted.largest ? Relation::Greater : Relation::Less,
           weak = wanted.largest ? Relation::GreaterEqual : Relation::LessEqual;
  Value take = b.compare(wanted.last ? weak : strict, x, best); // false beside a NaN
  if (b.isReal()) {
    take = b.create<arith::OrIOp>(take, b.isNan(x));
    if (!wanted.last)
      take = b.create<arith::AndIOp>(take, b.create<arith::CmpFOp>(arith::CmpFPredicate::ORD, best, best));
  }
  Value at = b.create<linalg::IndexOp>(wanted.axis);
  Value first = b.create<arith::CmpIOp>(arith::CmpIPredicate::eq, at, b.create<arith::ConstantIndexOp>(0));
  take = b.create<arith::OrIOp>(take, first);
  Value here = b.create<arith::IndexCastOp>(position.getType(), at);
  b.create<linalg::YieldOp>(ValueRange{b.select(take, x, best), b.select(take, here, position)});
}

static SmallVector<Value> lowerPosition(Lowering &l, Wanted wanted) {
  Shape shape = l.operandShape(0);
  int64_t rank = shape.size();
  shape.erase(shape.begin() + wanted.axis);
  Dtype dtype = l.operandDtype(0);
  Value best = l.filled(shape, l.getZeroAttr(l.computeType(dtype)));
  Value position = l.filled(shape, l.getZeroAttr(l.plainElement(l.resultDtype())));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators[wanted.axis] = utils::IteratorType::reduction;
  AffineMap in = l.getMultiDimIdentityMap(rank), out = in.dropResult(wanted.axis);
  auto generic = l.create<linalg::GenericOp>(TypeRange{best.getType(), position.getType()}, l.in[0],
                                             ValueRange{best, position}, ArrayRef{in, out, out}, iterators,
                                             [&](OpBuilder &b, Location where, ValueRange scalars) {
                                               ScalarBuilder builder(where, b, dtype, l.resultDtype());
                                               buildStep(builder, scalars, wanted, dtype);
                                             });
  return {l.reshape(generic.getResult(1), shape, l.resultShape())};
}

static LogicalResult evaluatePosition(const HostTensor &x, Wanted wanted, HostTensor &y) {
  auto isNan = [](const Number &n) { return n.isReal() && std::isnan(n.real.v); };
  auto rank = [&](const Number &a, const Number &b) { // -1: a is wanted more than b
    if (isNan(a) || isNan(b)) return int(isNan(b)) - int(isNan(a));
    int order = int(lessThan(b, a)) - int(lessThan(a, b));
    return wanted.largest ? -order : order;
  };
  std::vector<Number> best(y.size());
  int64_t length = x.shape[wanted.axis], inner = 1;
  for (int64_t size : ArrayRef(x.shape).drop_front(wanted.axis + 1)) inner *= size;
  for (int64_t i = 0, n = x.size(); i < n; ++i) {
    int64_t j = i / inner % length, line = i / inner / length * inner + i % inner;
    Number here = elementAt(x, i);
    int order = j == 0 ? -1 : rank(here, best[line]);
    if (order > 0 || (order == 0 && !wanted.last)) continue;
    best[line] = here;
    y.integers[line] = j;
  }
  return success();
}

static Dim comparisons(Type x) { return elementCount(shapeOf(cast<RankedTensorType>(x))); }

// argmax
LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  return inferPosition(context, location, "argmax", adaptor, types);
}
FailureOr<SmallVector<Value>> ArgmaxOp::lower(Lowering &l) { return lowerPosition(l, wantedOf(*this, true)); }
LogicalResult ArgmaxOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluatePosition(operands[0], wantedOf(*this, true), results[0]);
}
Dim ArgmaxOp::flops() { return comparisons(getX().getType()); }

// argmin
LogicalResult ArgminOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  return inferPosition(context, location, "argmin", adaptor, types);
}
FailureOr<SmallVector<Value>> ArgminOp::lower(Lowering &l) { return lowerPosition(l, wantedOf(*this, false)); }
LogicalResult ArgminOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return evaluatePosition(operands[0], wantedOf(*this, false), results[0]);
}
Dim ArgminOp::flops() { return comparisons(getX().getType()); }
