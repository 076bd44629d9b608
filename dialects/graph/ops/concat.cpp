// concat, stack: row-major, both are runs of each operand in turn, as many as there are positions before the axis.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/strided_copy.h"

using namespace mlir;
using namespace graphc::graph;

/// (C1), (C3) of both.
static FailureOr<SmallVector<RankedTensorType>> joinedTypes(std::optional<Location> location, StringRef mnemonic,
                                                            ValueRange operands) {
  if (operands.empty())
    return shapeError(location, "G1010", About::theAttribute("axis"), "'" + mnemonic + "' needs at least one operand");
  return operandTypes(location, mnemonic, operands, allDtypes);
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto in = joinedTypes(location, "concat", adaptor.getOperands()); // (C1), (C3)
  if (failed(in)) return failure();
  Shape shape = shapeOf(in->front());
  auto axis = checkedAxis(location, adaptor.getAxis(), shape.size(), "axis", "x"); // (C2)
  if (failed(axis)) return failure();
  for (size_t i = 1; i < in->size(); ++i) {
    Shape next = shapeOf((*in)[i]);
    auto mismatch = [&](const Twine &why) {
      return shapeError(location, "G3007", {About::theOperand(i), About::theOperand(0)},
                        "cannot join " + shapeText(next) + " to " + shapeText(shapeOf(in->front())) + " along axis " +
                            Twine(*axis) + ": " + why);
    };
    if (next.size() != shape.size()) return mismatch("they differ in rank"); // (C4)
    for (size_t other = 0; other < next.size(); ++other)
      if (other != size_t(*axis) && next[other] != shape[other]) // (C5)
        return mismatch("axis " + Twine(other) + " is " + next[other].text() + " and " + shape[other].text());
    shape[*axis] = shape[*axis] + next[*axis];
  }
  return addResultType(location, shape, in->front().getElementType(), About::theAttribute("axis"), types);
}

FailureOr<SmallVector<Value>> ConcatOp::lower(Lowering &l) {
  if (l.in.size() == 1) return SmallVector<Value>{l.in[0]};
  Shape shape = l.resultShape();
  int64_t axis = axisFromFront(getAxis(), shape.size());
  SmallVector<Dim> runs;
  for (unsigned i = 0; i < l.in.size(); ++i) runs.push_back(elementCount(ArrayRef(l.operandShape(i)).drop_front(axis)));
  return SmallVector<Value>{joinRuns(l, l.in, elementCount(ArrayRef(shape).take_front(axis)), runs, shape)};
}

/// Operand after operand, run by run.
static LogicalResult join(ArrayRef<HostTensor> operands, HostTensor &y, int64_t axis) {
  int64_t outer = 1, at = 0;
  for (int64_t size : ArrayRef(y.shape).take_front(axis)) outer *= size;
  for (int64_t i = 0; i < outer; ++i)
    for (const HostTensor &x : operands)
      for (int64_t j = 0, run = x.size() / outer; j < run; ++j) setElement(y, at++, elementAt(x, i * run + j));
  return success();
}

LogicalResult ConcatOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return join(operands, results[0], axisFromFront(getAxis(), results[0].shape.size()));
}

Dim ConcatOp::flops() { return 0; }

SmallVector<unsigned> ConcatOp::permutedOperands(ArrayRef<int64_t> perm) {
  SmallVector<unsigned> operands;
  for (unsigned i = 0; i < getNumOperands() && cast<RankedTensorType>(getType()).getRank() == int64_t(perm.size()); ++i)
    operands.push_back(i);
  return operands;
}
Operation *ConcatOp::createPermuted(OpBuilder &b, ArrayRef<int64_t> perm, ValueRange operands,
                                    SmallVectorImpl<int64_t> &resultPerm) {
  resultPerm.assign(perm.begin(), perm.end());
  int64_t axis = inverse(perm)[axisFromFront(getAxis(), perm.size())];
  return createLike(b, *this, operands, b.getNamedAttr("axis", b.getI64IntegerAttr(axis)));
}
Value ConcatOp::transpose(RuleBuilder &b, unsigned i, ValueRange ct) {
  int64_t axis = axisFromFront(int64_t(getAxis()), typeOf(getY()).getRank());
  Dim before(0), count = shapeOf(getX()[i])[axis];
  for (Value x : getX().take_front(i)) before = before + shapeOf(x)[axis];
  return b.part(ct[0], axis, before, count);
}

LogicalResult StackOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto in = joinedTypes(location, "stack", adaptor.getOperands()); // (C1), (C3)
  if (failed(in)) return failure();
  Shape shape = shapeOf(in->front());
  auto axis = checkedAxis(location, adaptor.getAxis(), shape.size() + 1, "axis", "y"); // (C2)
  if (failed(axis)) return failure();
  for (size_t i = 1; i < in->size(); ++i)
    if (shapeOf((*in)[i]) != shape) // (C4)
      return shapeError(location, "G3007", {About::theOperand(i), About::theOperand(0)},
                        "cannot stack " + shapeText(shapeOf((*in)[i])) + " on " + shapeText(shape) +
                            ", their shapes must be equal");
  shape.insert(shape.begin() + *axis, Dim(in->size()));
  return addResultType(location, shape, in->front().getElementType(), About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> StackOp::lower(Lowering &l) {
  Shape from = l.operandShape(0), to = l.resultShape();
  int64_t axis = axisFromFront(getAxis(), to.size());
  if (l.in.size() == 1) return SmallVector<Value>{l.reshape(l.in[0], from, to)};
  SmallVector<Dim> runs(l.in.size(), elementCount(ArrayRef(from).drop_front(axis)));
  return SmallVector<Value>{joinRuns(l, l.in, elementCount(ArrayRef(from).take_front(axis)), runs, to)};
}

LogicalResult StackOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return join(operands, results[0], axisFromFront(getAxis(), results[0].shape.size()));
}

Dim StackOp::flops() { return 0; }
Value StackOp::transpose(RuleBuilder &b, unsigned i, ValueRange ct) {
  int64_t axis = axisFromFront(int64_t(getAxis()), typeOf(getY()).getRank());
  return b.reshape(b.strided(ct[0], axis, i, 1, 1), shapeOf(getX()[i]));
}
