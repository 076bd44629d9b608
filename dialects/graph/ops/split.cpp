// split, unstack: each result is a part of x, taken by itself, so that one that nobody reads costs nothing.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/stackable.h"
#include "dialects/graph/strided_copy.h"

using namespace mlir;
using namespace graphc::graph;

static constexpr int64_t mostParts = 4096;

/// Sizes along the axis by `sizes`.
static FailureOr<SmallVector<Dim>> givenSizes(std::optional<Location> location, ArrayRef<int64_t> sizes,
                                              const Dim &length) {
  About attribute = About::theAttribute("sizes"), operand = About::theOperand(0);
  if (sizes.empty() || sizes.size() > size_t(mostParts)) // (C4)
    return shapeError(location, "G2002", attribute,
                      "'sizes' has " + Twine(sizes.size()) + " entries, 1 to " + Twine(mostParts) + " can be");
  SmallVector<Dim> result(sizes.begin(), sizes.end());
  Dim *open = nullptr;
  Dim sum(0);
  for (Dim &size : result) {
    if (size.is(-1) && !open) {
      open = &size;
      continue;
    }
    if (size.low() < 0) // (C4)
      return shapeError(location, "G2001", attribute,
                        "a size of 'sizes' is " + size.text() + ", sizes are 0 or more, or one -1");
    sum = sum + size;
  }
  Dim rest = length - sum;
  if (open ? rest.low() < 0 : !rest.is(0)) // (C5)
    return shapeError(location, "G3005", {attribute, operand},
                      "the entries of 'sizes' add up to " + sum.text() + ", the axis has size " + length.text());
  if (open) *open = rest;
  return result;
}

LogicalResult SplitOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "split", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  Shape shape = shapeOf(*x);
  auto axis = checkedAxis(location, adaptor.getAxis(), shape.size(), "axis", "x"); // (C1)
  if (failed(axis)) return failure();
  Dim length = shape[*axis];
  std::optional<int64_t> parts = adaptor.getParts();
  SmallVector<Dim> sizes;
  if (parts.has_value() == adaptor.getSizes().has_value()) // (C2)
    return shapeError(location, "G2005", {About::theAttribute(parts ? "sizes" : "axis")},
                      parts ? "give either 'parts' or 'sizes', not both"
                            : "'split' needs 'parts', how many results there are, or 'sizes', the size of each");
  if (parts) {
    About attribute = About::theAttribute("parts");
    if (*parts < 1 || *parts > mostParts) // (C3)
      return shapeError(location, "G2001", attribute,
                        "'parts' is " + Twine(*parts) + ", it can be 1 to " + Twine(mostParts));
    std::optional<Dim> each = length.exactDiv(*parts);
    if (!each) // (C3)
      return shapeError(location, "G2001", {attribute, About::theOperand(0)},
                        "axis " + Twine(*axis) + " of size " + length.text() + " has no " + Twine(*parts) +
                            " equal parts, say their sizes by 'sizes'");
    sizes.assign(*parts, *each);
  } else {
    auto given = givenSizes(location, *adaptor.getSizes(), length);
    if (failed(given)) return failure();
    sizes = *given;
  }
  for (const Dim &size : sizes) {
    shape[*axis] = size;
    types.push_back(tensorType(shape, x->getElementType()));
  }
  return success();
}

FailureOr<SmallVector<Value>> SplitOp::lower(Lowering &l) {
  int64_t axis = axisFromFront(getAxis(), l.operandShape(0).size());
  if (getNumResults() == 1) return SmallVector<Value>{l.in[0]};
  SmallVector<Value> results;
  Dim offset(0);
  for (unsigned i = 0; i < getNumResults(); ++i) {
    Shape shape = l.resultShape(i);
    results.push_back(takePart(l, l.in[0], l.operandShape(0), axis, offset, shape));
    offset = offset + shape[axis];
  }
  return results;
}

/// `size` positions along the axis, from `offset` on.
static void evaluatePart(const HostTensor &x, HostTensor &y, int64_t axis, int64_t offset, int64_t size) {
  int64_t inner = 1;
  for (int64_t n : ArrayRef(x.shape).drop_front(axis + 1)) inner *= n;
  for (int64_t i = 0, n = y.size(), run = size * inner; i < n; ++i)
    setElement(y, i, elementAt(x, i / run * x.shape[axis] * inner + offset * inner + i % run));
}

LogicalResult SplitOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  int64_t axis = axisFromFront(getAxis(), operands[0].shape.size()), offset = 0;
  for (HostTensor &y : results) {
    evaluatePart(operands[0], y, axis, offset, y.shape[axis]);
    offset += y.shape[axis];
  }
  return success();
}

Dim SplitOp::flops() { return 0; }
Value SplitOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  return b.op<ConcatOp>(ct, b.integer("axis", int64_t(getAxis())));
}

LogicalResult UnstackOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "unstack", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  Shape shape = shapeOf(*x);
  auto axis = checkedAxis(location, adaptor.getAxis(), shape.size(), "axis", "x"); // (C1)
  if (failed(axis)) return failure();
  Dim length = shape[*axis];
  if (!length.isStatic() || length.low() < 1 || length.low() > mostParts) // (C2)
    return shapeError(location, "G2001", {About::theAttribute("axis"), About::theOperand(0)},
                      "axis " + Twine(*axis) + " of 'x' has size " + length.text() +
                          ", 'unstack' gives one result for each and needs a number, 1 to " + Twine(mostParts));
  shape.erase(shape.begin() + *axis);
  types.append(length.low(), tensorType(shape, x->getElementType()));
  return success();
}

FailureOr<SmallVector<Value>> UnstackOp::lower(Lowering &l) {
  Shape from = l.operandShape(0), to = l.resultShape();
  int64_t axis = axisFromFront(getAxis(), from.size());
  if (getNumResults() == 1) return SmallVector<Value>{l.reshape(l.in[0], from, to)};
  SmallVector<Value> results;
  for (unsigned i = 0; i < getNumResults(); ++i) results.push_back(takePart(l, l.in[0], from, axis, Dim(i), to));
  return results;
}

LogicalResult UnstackOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  int64_t axis = axisFromFront(getAxis(), operands[0].shape.size());
  for (auto [i, y] : llvm::enumerate(results)) evaluatePart(operands[0], y, axis, i, 1);
  return success();
}

Dim UnstackOp::flops() { return 0; }
Value UnstackOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  return b.op<StackOp>(ct, b.integer("axis", int64_t(getAxis())));
}

namespace {
struct StackableSplit : Stackable::ExternalModel<StackableSplit, SplitOp> {
  SmallVector<Value> createStacked(Operation *op, RuleBuilder &b, ValueRange x, ArrayRef<bool>) const {
    auto split = cast<SplitOp>(op);
    int64_t axis = axisFromFront(split.getAxis(), shapeOf(split.getX()).size()) + 1;
    return SmallVector<Value>(createLike(b, op, x, b.integer("axis", axis))->getResults());
  }
};
} // namespace

void graphc::graph::attachStackableSplit(MLIRContext &context) { SplitOp::attachInterface<StackableSplit>(context); }
