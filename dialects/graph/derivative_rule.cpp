// derivative_rule.h.
#include "dialects/graph/derivative_rule.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"

using namespace mlir;

namespace graphc::graph {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static bool isReal(Value value) {
  std::optional<Dtype> dtype = dtypeOf(typeOf(value).getElementType());
  return dtype && isFloat(*dtype);
}

Value RuleBuilder::scalar(Type element, double value) {
  auto type = RankedTensorType::get({}, element);
  Attribute attribute = isa<FloatType>(element) ? Attribute(getFloatAttr(element, value))
                                                : Attribute(getIntegerAttr(element, int64_t(value)));
  return create<ConstantOp>(DenseElementsAttr::get(type, attribute));
}

Value RuleBuilder::filled(RankedTensorType type, double value) {
  return broadcast(scalar(type.getElementType(), value), graph::shapeOf(type));
}

Value RuleBuilder::zeros(llvm::ArrayRef<Dim> shape, Value like) {
  return filled(tensorType(shape, typeOf(like).getElementType()), 0);
}

Value RuleBuilder::size(const Dim &dim, Type element) {
  if (dim.isStatic()) return scalar(element, double(dim.staticValue()));
  return create<SizeValueOp>(shapeAttr(getContext(), dim), element);
}

Value RuleBuilder::positions(llvm::ArrayRef<Dim> shape, Type element, int64_t axis) {
  return create<IotaOp>(TypeAttr::get(tensorType(shape, element)), getI64IntegerAttr(axis));
}

Type RuleBuilder::indexType(const Dim &count) {
  return count.high() <= std::numeric_limits<int32_t>::max() ? getI32Type() : getI64Type();
}

Value RuleBuilder::add(Value a, Value b) { return create<AddOp>(a, b); }
Value RuleBuilder::sub(Value a, Value b) { return create<SubOp>(a, b); }
Value RuleBuilder::mul(Value a, Value b) { return create<MulOp>(a, b); }
Value RuleBuilder::div(Value a, Value b) { return create<DivOp>(a, b); }
Value RuleBuilder::neg(Value x) { return create<NegOp>(x); }
Value RuleBuilder::exp(Value x) { return create<ExpOp>(x); }
Value RuleBuilder::sigmoid(Value x) { return create<SigmoidOp>(x); }
Value RuleBuilder::rsqrt(Value x) { return create<RsqrtOp>(x); }
Value RuleBuilder::select(Value condition, Value yes, Value no) { return create<SelectOp>(condition, yes, no); }
Value RuleBuilder::less(Value a, Value b) { return create<LessOp>(a, b); }
Value RuleBuilder::lessEqual(Value a, Value b) { return create<LessEqualOp>(a, b); }
Value RuleBuilder::equal(Value a, Value b) { return create<EqualOp>(a, b); }
Value RuleBuilder::both(Value a, Value b) { return create<AndOp>(a, b); }
Value RuleBuilder::cast(Value x, Type element) {
  return typeOf(x).getElementType() == element ? x : create<CastOp>(x, element).getResult();
}

Value RuleBuilder::sumOf(ValueRange terms) {
  Type element = typeOf(terms[0]).getElementType();
  bool wide = terms.size() > 2 && isa<FloatType>(element) && element.getIntOrFloatBitWidth() == 16;
  Value sum;
  for (Value term : terms) {
    if (wide) term = cast(term, getF32Type());
    sum = sum ? add(sum, term) : term;
  }
  return cast(sum, element);
}

Value RuleBuilder::stack(ValueRange x) { return op<StackOp>(x, integer("axis", 0)); }
Value RuleBuilder::joined(ValueRange x) { return x.size() == 1 ? x[0] : op<ConcatOp>(x, integer("axis", 0)); }

Value RuleBuilder::reshape(Value x, llvm::ArrayRef<Dim> shape) {
  if (graph::shapeOf(x) == Shape(shape)) return x;
  return create<ReshapeOp>(x, shapeAttr(getContext(), shape));
}

Value RuleBuilder::broadcast(Value x, llvm::ArrayRef<Dim> shape) {
  if (graph::shapeOf(x) == Shape(shape)) return x;
  return create<BroadcastOp>(x, shapeAttr(getContext(), shape));
}

Value RuleBuilder::sum(Value x, llvm::ArrayRef<int64_t> axes, bool keepDims) {
  if (axes.empty()) return x;
  return create<SumOp>(x, getDenseI64ArrayAttr(axes), DenseI64ArrayAttr(), keepDims);
}

Value RuleBuilder::sumTo(Value x, llvm::ArrayRef<Dim> shape) {
  Shape from = graph::shapeOf(x);
  llvm::SmallVector<int64_t> axes;
  for (size_t i = 0; i < from.size(); ++i) {
    bool missing = i + shape.size() < from.size();
    if (missing || (shape[i + shape.size() - from.size()].is(1) && !from[i].is(1))) axes.push_back(int64_t(i));
  }
  return reshape(sum(x, axes), shape);
}

Value RuleBuilder::permute(Value x, llvm::ArrayRef<int64_t> perm) { return permuteAxes(*this, x, perm); }

Value RuleBuilder::pad(Value x, llvm::ArrayRef<int64_t> pairs, double value) {
  if (llvm::all_of(pairs, [](int64_t side) { return side == 0; })) return x;
  return op<PadOp>(x, {ints("padding", pairs), getNamedAttr("value", getF64FloatAttr(value))});
}

Value RuleBuilder::strided(Value x, int64_t axis, int64_t start, const Dim &count, int64_t step) {
  Dim size = graph::shapeOf(x)[axis];
  if (start == 0 && step == 1 && count == size) return x;
  if (count.isStatic() && size.isStatic()) {
    int64_t stop = count.is(0) ? start : start + (count.staticValue() - 1) * step + 1;
    return op<SliceOp>(x, {ints("start", start), ints("stop", stop), ints("step", step), ints("axis", axis)});
  }
  Type element = indexType(size);
  Value index = positions(count, element);
  if (step != 1) index = mul(index, double(step));
  if (start != 0) index = add(index, double(start));
  return create<GatherOp>(x, index, axis);
}

Value RuleBuilder::part(Value x, int64_t axis, const Dim &start, const Dim &count) {
  if (start.isStatic()) return strided(x, axis, start.staticValue(), count, 1);
  Type element = indexType(graph::shapeOf(x)[axis]);
  return create<GatherOp>(x, add(positions(count, element), size(start, element)), axis);
}

Value RuleBuilder::fitted(Value x, int64_t axis, const Dim &size, int64_t spare) {
  Shape shape = graph::shapeOf(x);
  llvm::SmallVector<int64_t> pairs(2 * shape.size(), 0);
  Dim missing = size - shape[axis];
  pairs[2 * axis + 1] = missing.isStatic() ? missing.staticValue() : spare;
  x = pad(x, pairs);
  return missing.isStatic() ? x : strided(x, axis, 0, size, 1);
}

Value RuleBuilder::addedAt(Value x, int64_t axis, Value index, const Dim &size) {
  Shape shape = graph::shapeOf(x);
  shape[axis] = size;
  return create<ScatterAddOp>(zeros(shape, x), index, x, axis);
}

std::optional<double> RuleBuilder::constantOf(Value x) {
  while (auto broadcast = x.getDefiningOp<BroadcastOp>()) x = broadcast.getX();
  auto constant = x.getDefiningOp<ConstantOp>();
  auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!elements || !elements.isSplat() || !isa<FloatType>(elements.getElementType())) return std::nullopt;
  llvm::APFloat value = elements.getSplatValue<llvm::APFloat>();
  bool losesInfo;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

void jvpOfElementwise(Operation *op, RuleBuilder &b, JvpState &state, TimesPartial timesPartial) {
  Value sum;
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    Value term = state.in(i) ? timesPartial(i, state.in(i)) : Value();
    if (term) sum = sum ? b.add(sum, term) : term;
  }
  if (sum) state.set(0, b.broadcast(sum, shapeOf(op->getResult(0))));
}

void vjpOfElementwise(Operation *op, RuleBuilder &b, VjpState &state, TimesPartial timesPartial) {
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    Value term = state.wants(i) ? timesPartial(i, state.ct()) : Value();
    if (term) state.sums[i] = b.sumTo(term, shapeOf(op->getOperand(i)));
  }
}

void jvpOfLinear(Operation *op, RuleBuilder &b, JvpState &state) {
  llvm::SmallVector<Value> operands;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    Value tangent = state.in(i);
    operands.push_back(tangent ? tangent : isReal(operand) ? b.zeros(operand) : operand);
  }
  for (auto [i, result] : llvm::enumerate(createLike(b, op, operands)->getResults())) state.set(i, result);
}

void jvpOfMultilinear(Operation *op, RuleBuilder &b, JvpState &state) {
  Value sum;
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    if (!state.in(i)) continue;
    llvm::SmallVector<Value> operands(op->getOperands());
    operands[i] = state.in(i);
    Value term = createLike(b, op, operands)->getResult(0);
    sum = sum ? b.add(sum, term) : term;
  }
  state.set(0, sum);
}

void vjpByTranspose(Operation *op, RuleBuilder &b, VjpState &state,
                    llvm::function_ref<Value(unsigned, ValueRange)> transpose) {
  llvm::SmallVector<Value> cotangents;
  for (auto [given, result] : llvm::zip(state.cotangents, op->getResults()))
    cotangents.push_back(given || !isReal(result) ? given : b.zeros(result));
  for (unsigned i = 0; i < op->getNumOperands(); ++i)
    if (state.wants(i)) state.sums[i] = transpose(i, cotangents);
}

} // namespace graphc::graph
