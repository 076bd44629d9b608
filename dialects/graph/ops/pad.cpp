// pad: y[i] = x[i - low] where that exists, else what the mode says (padded.h).
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/padded.h"
#include "dialects/graph/permute_axes.h"
#include "dialects/graph/row_major.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;

/// One pair per axis; a list that was checked (C1).
static SmallVector<PaddedSide> sidesOf(Attribute padding, int64_t rank) {
  ArrayRef<int64_t> list = cast<DenseI64ArrayAttr>(padding).asArrayRef();
  SmallVector<PaddedSide> sides;
  for (int64_t axis = 0; axis < rank; ++axis) {
    size_t at = int64_t(list.size()) == 2 * rank ? 2 * axis : 0;
    sides.push_back({list[at], list[list.size() == 1 ? at : at + 1]});
  }
  return sides;
}

static LogicalResult checkMode(std::optional<Location> location, StringRef mode, ArrayRef<Dim> x,
                               ArrayRef<PaddedSide> sides) {
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap") // (C4)
    return shapeError(location, "G2003", About::theAttribute("mode"),
                      "'mode' is '" + mode + "', it can be 'constant', 'edge', 'reflect' or 'wrap'");
  if (mode == "constant") return success();
  for (auto [axis, size] : llvm::enumerate(x)) { // (C5)
    int64_t most = std::max(sides[axis].low, sides[axis].high);
    int64_t needed = most <= 0 ? 0 : mode == "reflect" ? most + 1 : 1;
    if (size.low() < needed)
      return shapeError(location, "G3016", {About::theOperand(0), About::theAttribute("padding")},
                        "mode '" + mode + "' needs at least " + Twine(needed) + " elements along axis " + Twine(axis) +
                            ", whose size is " + size.text() +
                            (size.isStatic() ? Twine() : " and may be " + Twine(size.low())));
  }
  return success();
}

/// (C6)
static LogicalResult checkValue(std::optional<Location> location, Type element, double value) {
  Dtype dtype = *dtypeOf(element);
  if (isFloat(dtype)) return success();
  Number wanted = converted(Number(Jet(value)), dtype);
  if (!std::isnan(value) && wanted.asDouble() == value) return success();
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return shapeError(location, "G4005", About::theAttribute("value"),
                    "'value' is " + text + ", which is no " + dtypeName(dtype));
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "pad", adaptor.getOperands(), 0, allDtypes);
  if (failed(x)) return failure();
  Shape shape = shapeOf(*x);
  About attribute = About::theAttribute("padding");
  auto list = dyn_cast<DenseI64ArrayAttr>(adaptor.getPadding());
  if (!list) // (C1)
    return shapeError(location, "G2003", attribute,
                      "'padding' of 'pad' is a pair of numbers for each axis, not a word");
  size_t count = list.size(), wanted = 2 * shape.size();
  if (count != 1 && count != 2 && count != wanted) // (C1)
    return shapeError(location, "G2002", {attribute, About::theOperand(0)},
                      "'padding' has " + Twine(count) + " numbers, 'x' has " + Twine(shape.size()) +
                          " axes: " + Twine(wanted) + " are wanted, two for each");
  SmallVector<PaddedSide> sides = sidesOf(list, shape.size());
  Shape from = shape;
  constexpr int64_t most = int64_t(1) << 40;
  for (auto [axis, side] : llvm::enumerate(sides)) {
    if (std::max(std::abs(std::max(side.low, -most - 1)), std::abs(std::max(side.high, -most - 1))) > most) // (C2)
      return shapeError(location, "G2001", attribute, "a number of 'padding' is beyond 2^40");
    shape[axis] = shape[axis] + Dim(side.low) + Dim(side.high);
    if (shape[axis].low() < 0 || (from[axis] + Dim(side.low)).low() < 0 ||
        (from[axis] + Dim(side.high)).low() < 0) // (C3)
      return shapeError(location, "G2001", {attribute, About::theOperand(0)},
                        "axis " + Twine(axis) + " of size " + from[axis].text() +
                            " has not that many elements to take away");
  }
  if (failed(checkMode(location, adaptor.getMode(), from, sides)) ||
      failed(checkValue(location, x->getElementType(), adaptor.getValue().convertToDouble())))
    return failure();
  return addResultType(location, shape, x->getElementType(), {attribute, About::theOperand(0)}, types);
}

/// The number as an element in memory.
static TypedAttr storedValue(Lowering &l, Dtype dtype, double value) {
  Type element = l.plainElement(dtype);
  if (isFloat(dtype)) {
    llvm::APFloat number(value);
    bool loses;
    number.convert(cast<FloatType>(element).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &loses);
    return l.getFloatAttr(element, number);
  }
  int64_t number = converted(Number(Jet(value)), dtype).integer;
  return l.getIntegerAttr(element, llvm::APInt(64, uint64_t(number)).trunc(element.getIntOrFloatBitWidth()));
}

FailureOr<SmallVector<Value>> PadOp::lower(Lowering &l) {
  Shape x = l.operandShape(0);
  TypedAttr value = storedValue(l, l.resultDtype(), getValue().convertToDouble());
  return SmallVector<Value>{padded(l, l.in[0], x, sidesOf(getPadding(), x.size()), getMode(), value)};
}

/// Position of x for position p of y less the padding, by the mode; -1 if there is none.
static int64_t sourceOf(int64_t p, int64_t size, StringRef mode) {
  if (p >= 0 && p < size) return p;
  if (mode == "constant") return -1;
  if (mode == "edge") return p < 0 ? 0 : size - 1;
  if (mode == "wrap") return (p % size + size) % size;
  return p < 0 ? -p : 2 * (size - 1) - p;
}

LogicalResult PadOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0];
  HostTensor &y = results[0];
  SmallVector<PaddedSide> sides = sidesOf(getPadding(), x.shape.size());
  Number value = converted(Number(Jet(getValue().convertToDouble())), y.dtype);
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> from(index);
    bool inside = true;
    for (size_t k = 0; k < from.size(); ++k) {
      from[k] = sourceOf(index[k] - sides[k].low, x.shape[k], getMode());
      inside = inside && from[k] >= 0;
    }
    setElement(y, flatIndex(index, y.shape), inside ? elementAt(x, flatIndex(from, x.shape)) : value);
  });
  return success();
}

Dim PadOp::flops() { return 0; }

SmallVector<unsigned> PadOp::permutedOperands(ArrayRef<int64_t> perm) {
  bool fits = cast<RankedTensorType>(getType()).getRank() == int64_t(perm.size());
  return fits ? SmallVector<unsigned>{0} : SmallVector<unsigned>();
}
Operation *PadOp::createPermuted(OpBuilder &b, ArrayRef<int64_t> perm, ValueRange operands,
                                 SmallVectorImpl<int64_t> &resultPerm) {
  resultPerm.assign(perm.begin(), perm.end());
  SmallVector<PaddedSide> sides = sidesOf(getPadding(), perm.size());
  SmallVector<int64_t> padding;
  for (int64_t axis : perm) padding.append({sides[axis].low, sides[axis].high});
  return createLike(b, *this, operands, b.getNamedAttr("padding", b.getDenseI64ArrayAttr(padding)));
}

void PadOp::jvp(RuleBuilder &b, JvpState &state) { // what is put around is constant
  state.set(0, createLike(b, *this, state.in(0), b.getNamedAttr("value", b.getF64FloatAttr(0)))->getResult(0));
}
/// Which element of an axis of x stands at each position of y.
static Value sourceOf(RuleBuilder &b, StringRef mode, const Dim &from, const Dim &to, int64_t low) {
  Type element = b.indexType(Dim::cover(from, to).value_or(to));
  Value position = b.add(b.positions(to, element), double(-low)), last = b.size(from - Dim(1), element);
  if (mode == "edge") return b.create<ClampOp>(position, b.number(position, 0), last);
  if (mode == "wrap") return b.create<ModOp>(position, b.size(from, element));
  Value period = b.mul(last, 2), turned = b.create<ModOp>(position, period);
  return b.create<MinOp>(turned, b.sub(period, turned));
}
void PadOp::vjp(RuleBuilder &b, VjpState &state) {
  Shape shape = shapeOf(getX());
  Value ct = state.ct();
  SmallVector<int64_t> back(2 * shape.size(), 0);
  for (auto [axis, side] : llvm::enumerate(sidesOf(getPadding(), shape.size()))) {
    if (getMode() == "constant" || (side.low <= 0 && side.high <= 0)) {
      back[2 * axis] = -side.low;
      back[2 * axis + 1] = -side.high;
      continue;
    }
    Value index = sourceOf(b, getMode(), shape[axis], shapeOf(ct)[axis], side.low);
    ct = b.addedAt(ct, axis, index, shape[axis]);
  }
  state.sums[0] = b.pad(ct, back);
}
