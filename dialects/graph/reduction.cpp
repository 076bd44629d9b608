// reduction.h.
#include "dialects/graph/reduction.h"
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/operand_type.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;

namespace graphc::graph {

static Axes othersThan(ArrayRef<int64_t> axes, int64_t rank) {
  Axes others;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(axes, axis)) others.push_back(axis);
  return others;
}

Axes reducedAxes(int64_t rank, AxesAttribute axis, AxesAttribute keepAxis) {
  AxesAttribute named = axis ? axis : keepAxis;
  if (!named) return othersThan({}, rank);
  Axes axes;
  for (int64_t one : *named) axes.push_back(axisFromFront(one, rank));
  llvm::sort(axes);
  return axis ? axes : othersThan(axes, rank);
}

static Shape without(ArrayRef<Dim> shape, ArrayRef<int64_t> axes) {
  Shape kept;
  for (int64_t axis : othersThan(axes, shape.size())) kept.push_back(shape[axis]);
  return kept;
}

LogicalResult inferReduction(std::optional<Location> location, StringRef mnemonic, ValueRange operands,
                             ArrayRef<Dtype> dtypes, AxesAttribute axis, AxesAttribute keepAxis, bool keepDims,
                             bool wantsElements, SmallVectorImpl<Type> &types) {
  auto x = operandType(location, mnemonic, operands, 0, dtypes);
  if (failed(x)) return failure();
  if (axis && keepAxis)
    return shapeError(location, "G2005", {About::theAttribute("keep_axis"), About::theAttribute("axis")},
                      "'" + mnemonic + "' takes either 'axis' or 'keep_axis', not both");
  int64_t rank = x->getRank();
  if (axis && failed(checkedAxes(location, *axis, rank, "axis", "x", true))) return failure();
  if (keepAxis && failed(checkedAxes(location, *keepAxis, rank, "keep_axis", "x", true))) return failure();
  Axes axes = reducedAxes(rank, axis, keepAxis);
  Shape shape = shapeOf(*x);
  for (int64_t one : axes)
    if (wantsElements && shape[one].low() <= 0)
      return shapeError(location, "G3016", {About::theOperand(0), About::theAttribute(keepAxis ? "keep_axis" : "axis")},
                        "'" + mnemonic + "' needs at least one element, axis " + Twine(one) + " of " +
                            shapeText(shape) + (shape[one].isStatic() ? " is empty" : " may be empty"));
  if (keepDims)
    for (int64_t one : axes) shape[one] = 1;
  else
    shape = without(shape, axes);
  return addResultType(location, shape, x->getElementType(), About::theOperand(0), types);
}

Axes permutedReduction(llvm::ArrayRef<int64_t> perm, AxesAttribute axis, AxesAttribute keepAxis, bool keepDims,
                       llvm::SmallVectorImpl<int64_t> &resultPerm) {
  Axes before = reducedAxes(perm.size(), axis, keepAxis), gone;
  resultPerm.clear();
  for (size_t i = 0; i < perm.size(); ++i) {
    int64_t old = perm[i];
    if (llvm::is_contained(before, old)) gone.push_back(int64_t(i));
    if (keepDims)
      resultPerm.push_back(old);
    else if (!llvm::is_contained(before, old)) // its place among the axes that stay
      resultPerm.push_back(old - llvm::count_if(before, [&](int64_t axis) { return axis < old; }));
  }
  return gone;
}

Reduction::Reduction(Lowering &lowering, ArrayRef<int64_t> axes)
    : dtype(lowering.operandDtype(0)), type(lowering.computeType(dtype)), l(lowering), axes(axes),
      shape(lowering.operandShape(0)) {
  kept = without(shape, axes);
  if (dtype == Dtype::Bool) type = l.plainElement(dtype); // accumulators lie in memory, where no i1 can
}

Value Reduction::sweep(TypedAttr init, Combine combine, ValueRange beside) {
  SmallVector<Value> ins{l.in[0]};
  ins.append(beside.begin(), beside.end());
  auto step = [&](ScalarBuilder &b, Value accumulated, ValueRange x) {
    SmallVector<Value> computed(x);
    computed[0] = Lowering::toCompute(b, x[0], dtype);
    return combine(b, accumulated, computed);
  };
  if (axes.empty()) {
    SmallVector<Shape> shapes(ins.size(), shape);
    return l.elementwise(ins, shapes, shape, type, [&](ImplicitLocOpBuilder &b, ValueRange x) {
      ScalarBuilder builder(b.getLoc(), b, dtype, dtype);
      return step(builder, builder.create<arith::ConstantOp>(init), x);
    });
  }
  int64_t rank = shape.size();
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  for (int64_t axis : axes) iterators[axis] = utils::IteratorType::reduction;
  AffineMap all = l.getMultiDimIdentityMap(rank), some = all.dropResults(axes);
  SmallVector<AffineMap> maps(ins.size() + 1, some);
  maps[0] = all;
  Value start = l.filled(kept, init);
  auto generic = l.create<linalg::GenericOp>(
      TypeRange(start.getType()), ins, start, maps, iterators, [&](OpBuilder &b, Location where, ValueRange scalars) {
        ScalarBuilder builder(where, b, dtype, dtype);
        builder.create<linalg::YieldOp>(step(builder, scalars.back(), scalars.drop_back()));
      });
  return generic.getResult(0);
}

Value Reduction::map(ValueRange tensors, Function function) {
  SmallVector<Shape> shapes(tensors.size(), kept);
  return l.elementwise(tensors, shapes, kept, type, [&](ImplicitLocOpBuilder &b, ValueRange x) {
    ScalarBuilder builder(b.getLoc(), b, dtype, dtype);
    return function(builder, x);
  });
}

Value Reduction::sum() {
  return sweep(l.getZeroAttr(type), [](ScalarBuilder &b, Value sum, ValueRange x) { return b.add(sum, x[0]); });
}

static APInt bound(Type type, bool isUnsigned, bool high) {
  unsigned bits = type.getIntOrFloatBitWidth();
  if (isUnsigned) return high ? APInt::getMaxValue(bits) : APInt::getMinValue(bits);
  return high ? APInt::getSignedMaxValue(bits) : APInt::getSignedMinValue(bits);
}

/// The one that relates to the other, which of equals is the later; a NaN that was found stays. One instruction of x86
/// and a repair.
static Value better(ScalarBuilder &b, ScalarBuilder::Relation relation, Value best, Value x) {
  Value chosen = b.select(b.compare(relation, best, x), best, x);
  return b.isReal() ? b.select(b.isNan(best), best, chosen) : chosen;
}

Value Reduction::largest() {
  bool isUnsigned = dtype >= Dtype::U8;
  TypedAttr init = isFloat(dtype) ? real(-INFINITY) : IntegerAttr::get(type, bound(type, isUnsigned, false));
  return sweep(init, [](ScalarBuilder &b, Value best, ValueRange x) {
    return better(b, ScalarBuilder::Relation::Greater, best, x[0]);
  });
}

Value Reduction::least() {
  bool isUnsigned = dtype >= Dtype::U8;
  TypedAttr init = isFloat(dtype) ? real(INFINITY) : IntegerAttr::get(type, bound(type, isUnsigned, true));
  return sweep(init, [](ScalarBuilder &b, Value best, ValueRange x) {
    return better(b, ScalarBuilder::Relation::Less, best, x[0]);
  });
}

Value Reduction::finiteOrZero(Value largest) {
  return map(largest, [](ScalarBuilder &b, ValueRange x) {
    Value infinity = b.number(x[0], INFINITY);
    Value infinite = b.compare(ScalarBuilder::Relation::Equal, b.absolute(x[0]), infinity);
    return b.select(infinite, b.number(x[0], 0), x[0]);
  });
}

Value Reduction::divideByCount(Value sum) {
  Shape gone;
  for (int64_t axis : axes) gone.push_back(shape[axis]);
  Dim count = elementCount(gone);
  if (count.isStatic())
    return map(sum, [&](ScalarBuilder &b, ValueRange x) { return b.div(x[0], b.number(x[0], count.staticValue())); });
  LoopWriter w(l, {}, count, LoopWriter::Out{{}, type}); // the size as a tensor, once
  Value number = w.create<arith::IndexCastOp>(w.getI64Type(), w.size(0));
  w.store(w.create<arith::SIToFPOp>(type, number), w.out(0), w.index(0));
  return l.elementwise(
      {sum, w.results()[0]}, {kept, Shape{}}, kept, type,
      [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value { return b.create<arith::DivFOp>(x[0], x[1]); });
}

Value Reduction::result(Value computed) {
  Value stored = dtype == Dtype::Bool ? computed : l.tensorToStored(computed, kept, dtype);
  return l.reshape(stored, kept, l.resultShape());
}

void evaluateReduction(const HostTensor &x, ArrayRef<int64_t> axes, function_ref<Number(ArrayRef<Number>)> function,
                       HostTensor &result) {
  std::vector<std::vector<Number>> elements(result.size());
  for (int64_t i = 0, n = x.size(); i < n; ++i) {
    int64_t at = 0, stride = 1, rest = i; // where it goes: its position along the axes that stay
    for (int64_t axis = x.shape.size(); axis-- > 0; rest /= x.shape[axis]) {
      if (llvm::is_contained(axes, axis)) continue;
      at += rest % x.shape[axis] * stride;
      stride *= x.shape[axis];
    }
    elements[at].push_back(elementAt(x, i));
  }
  for (auto [i, some] : llvm::enumerate(elements)) setElement(result, i, function(some));
}

} // namespace graphc::graph
