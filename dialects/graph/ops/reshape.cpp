// reshape, expand_dims, squeeze: y = x under another shape. Always a view.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/stackable.h"

using namespace mlir;
using namespace graphc::graph;

/// The size is that of neighbouring axes of x together. Its lower bound says nothing then: that of a product of sizes
/// like B - 2 is cut from a sum and may lie below 0 although no size can.
static bool joinsAxes(ArrayRef<Dim> x, const Dim &size) {
  for (size_t first = 0; first < x.size(); ++first) {
    Dim joined(1);
    for (size_t last = first; last < x.size(); ++last) {
      joined = joined * x[last];
      if (joined == size) return true;
    }
  }
  return false;
}

/// `shape` with its -1 in place, or an error.
static FailureOr<Shape> completedShape(std::optional<Location> location, ArrayRef<Dim> x, ArrayRef<Dim> wanted) {
  About attribute = About::theAttribute("shape"), operand = About::theOperand(0);
  Shape shape(wanted);
  Dim rest(1);
  std::optional<size_t> open;
  for (auto [axis, size] : llvm::enumerate(shape)) {
    if (size.is(-1)) {
      if (open) // (C2)
        return shapeError(location, "G3006", attribute,
                          "sizes " + Twine(*open) + " and " + Twine(axis) +
                              " of 'shape' are -1, only one can be found from the others");
      open = axis;
      continue;
    }
    if (size.low() < 0 && !joinsAxes(x, size)) // (C3)
      return shapeError(location, "G2001", attribute,
                        "size " + Twine(axis) + " of 'shape' is " + size.text() + ", sizes are 0 or more, or one -1");
    rest = rest * size;
  }
  Dim count = elementCount(x);
  auto mismatch = [&](const Twine &why) {
    return shapeError(location, "G3005", {attribute, operand},
                      "'x' is " + shapeText(x) + " and has " + count.text() + " elements, " + why);
  };
  if (!open) {
    if (rest != count) return mismatch(shapeText(shape) + " has " + rest.text()); // (C1)
    return shape;
  }
  std::optional<Dim> found = rest.is(0) ? std::nullopt : Dim::exactDiv(count, rest);
  if (!found) // (C2)
    return mismatch("which the " + rest.text() + " of the other sizes of " + shapeText(shape) +
                    (rest.is(0) ? " cannot divide" : " do not divide"));
  shape[*open] = *found;
  return shape;
}

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "reshape", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  auto shape = completedShape(location, shapeOf(*x), shapeOf(adaptor.getShape()));
  if (failed(shape)) return failure();
  return addResultType(location, *shape, x->getElementType(), About::theAttribute("shape"), types);
}

/// -1 gives way to the size it stands for, which stays right where a dim becomes a number (specialize-dims): of
/// [0, 6] it could not be found.
OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  ShapeAttr found = shapeAttr(getContext(), shapeOf(cast<RankedTensorType>(getType())));
  if (getShapeAttr() == found) return {};
  setShapeAttr(found);
  return getY();
}

FailureOr<SmallVector<Value>> ReshapeOp::lower(Lowering &l) {
  return SmallVector<Value>{l.reshape(l.in[0], l.operandShape(0), l.resultShape())};
}

/// The elements; the result keeps its shape.
static LogicalResult copyElements(const HostTensor &x, HostTensor &y) {
  y.floats = x.floats;
  y.integers = x.integers;
  return success();
}

LogicalResult ReshapeOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return copyElements(operands[0], results[0]);
}

Dim ReshapeOp::flops() { return 0; }
Value ReshapeOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) { return b.reshape(ct[0], shapeOf(getX())); }

LogicalResult ExpandDimsOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "expand_dims", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  ArrayRef<int64_t> added = adaptor.getAxis();
  auto axes = checkedAxes(location, added, x->getRank() + added.size(), "axis", "y", /*sort=*/true); // (C1), (C2)
  if (failed(axes)) return failure();
  Shape shape = shapeOf(*x);
  for (int64_t axis : *axes) shape.insert(shape.begin() + axis, Dim(1));
  return addResultType(location, shape, x->getElementType(), About::theAttribute("axis"), types);
}

FailureOr<SmallVector<Value>> ExpandDimsOp::lower(Lowering &l) {
  return SmallVector<Value>{l.reshape(l.in[0], l.operandShape(0), l.resultShape())};
}

LogicalResult ExpandDimsOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return copyElements(operands[0], results[0]);
}

Dim ExpandDimsOp::flops() { return 0; }
Value ExpandDimsOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) { return b.reshape(ct[0], shapeOf(getX())); }

LogicalResult SqueezeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "squeeze", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  Shape all = shapeOf(*x), kept;
  SmallVector<int64_t> dropped;
  if (auto given = adaptor.getAxis()) {
    auto axes = checkedAxes(location, *given, all.size(), "axis", "x", /*sort=*/true); // (C1), (C2)
    if (failed(axes)) return failure();
    dropped = *axes;
  } else {
    for (auto [axis, size] : llvm::enumerate(all))
      if (size.is(1)) dropped.push_back(axis);
  }
  for (int64_t axis : dropped)
    if (!all[axis].is(1)) // (C3)
      return shapeError(location, "G3005", {About::theAttribute("axis"), About::theOperand(0)},
                        "axis " + Twine(axis) + " of 'x' has size " + all[axis].text() +
                            ", only axes of size 1 can be squeezed");
  for (auto [axis, size] : llvm::enumerate(all))
    if (!llvm::is_contained(dropped, int64_t(axis))) kept.push_back(size);
  return addResultType(location, kept, x->getElementType(), About::theOperand(0), types);
}

/// The axes are written out: a dim that becomes 1 later (specialize-dims) is none of them.
OpFoldResult SqueezeOp::fold(FoldAdaptor) {
  if (getAxis()) return {};
  SmallVector<int64_t> dropped;
  for (auto [axis, size] : llvm::enumerate(shapeOf(cast<RankedTensorType>(getX().getType()))))
    if (size.is(1)) dropped.push_back(axis);
  setAxis(dropped);
  return getY();
}

FailureOr<SmallVector<Value>> SqueezeOp::lower(Lowering &l) {
  return SmallVector<Value>{l.reshape(l.in[0], l.operandShape(0), l.resultShape())};
}

LogicalResult SqueezeOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  return copyElements(operands[0], results[0]);
}

Dim SqueezeOp::flops() { return 0; }
Value SqueezeOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) { return b.reshape(ct[0], shapeOf(getX())); }

namespace {
/// Another shape behind the turns.
template <class Op> struct StackableReshape : Stackable::ExternalModel<StackableReshape<Op>, Op> {
  SmallVector<Value> createStacked(Operation *op, RuleBuilder &b, ValueRange x, ArrayRef<bool>) const {
    Shape shape = shapeOf(op->getResult(0));
    shape.insert(shape.begin(), shapeOf(x[0])[0]);
    return {b.reshape(x[0], shape)};
  }
};
} // namespace

void graphc::graph::attachStackableReshapes(MLIRContext &context) {
  ReshapeOp::attachInterface<StackableReshape<ReshapeOp>>(context);
  ExpandDimsOp::attachInterface<StackableReshape<ExpandDimsOp>>(context);
  SqueezeOp::attachInterface<StackableReshape<SqueezeOp>>(context);
}
