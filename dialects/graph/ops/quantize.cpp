// quantize: y = saturate(round_half_even(x / scale) + zero); dequantize: y = (x - zero) * scale. One scale and zero for
// all elements or one per place of an axis. Computed in f32, or in f64 where a float is f64.
#include "dialects/graph/graph_dialect.h"
#include "dialects/graph/permute_axes.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;

constexpr Dtype quantizedDtypes[] = {Dtype::I8, Dtype::I16, Dtype::U8, Dtype::U16};
constexpr Dtype dequantizedDtypes[] = {Dtype::I8, Dtype::I16, Dtype::I32, Dtype::U8, Dtype::U16};

/// (C5) and (C6) of both ops.
static LogicalResult checkPlaces(std::optional<Location> location, RankedTensorType x, std::optional<int64_t> axis,
                                 ValueRange operands) {
  Shape wanted;
  if (axis) {
    auto fromFront = checkedAxis(location, *axis, x.getRank(), "axis", "x");
    if (failed(fromFront)) return failure();
    wanted.push_back(shapeOf(x)[*fromFront]);
  }
  for (size_t i = 1; i < operands.size(); ++i) {
    Shape shape = shapeOf(cast<RankedTensorType>(operands[i].getType()));
    if (shape == wanted) continue;
    StringRef name = i == 1 ? "scale" : "zero";
    return shapeError(location, shape.size() == wanted.size() ? "G3001" : "G3008",
                      {About::theOperand(i), About::theOperand(0)},
                      "'" + name + "' must be " +
                          (axis ? "of shape " + shapeText(wanted) + ", one element for each place of 'axis'"
                                : std::string("a scalar, as there is no 'axis'")) +
                          ", it is " + shapeText(shape));
  }
  return success();
}

static LogicalResult checkSame(std::optional<Location> location, StringRef name, int operand, Type type, Type wanted,
                               StringRef whose, About other) {
  if (type == wanted) return success();
  return shapeError(location, "G4001", {About::theOperand(operand), other},
                    "'" + name + "' must have " + whose + ", " + typeName(wanted) + ", it is " + typeName(type));
}

/// The number of a place of `axis` for each element of x: an operand that broadcasts.
static Shape placeShape(ArrayRef<Dim> x, std::optional<int64_t> axis) {
  if (!axis) return {};
  Shape shape(x.size() - axisFromFront(*axis, x.size()), Dim(1));
  shape[0] = x[axisFromFront(*axis, x.size())];
  return shape;
}
static int64_t placeOf(const HostTensor &x, int64_t i, std::optional<int64_t> axis) {
  if (!axis) return 0;
  int64_t from = axisFromFront(*axis, x.shape.size()), inner = 1;
  for (int64_t size : ArrayRef(x.shape).drop_front(from + 1)) inner *= size;
  return i / inner % x.shape[from];
}

/// One linalg.generic over x, scale and, if given, zero.
static Value lowerPlaces(Lowering &l, std::optional<int64_t> axis, Lowering::Body body) {
  Shape shape = l.operandShape(0), places = placeShape(shape, axis);
  SmallVector<Value> ins{l.in[0]};
  SmallVector<Shape> shapes{shape};
  for (unsigned i = 1; i < l.in.size(); ++i) {
    ins.push_back(l.reshape(l.in[i], l.operandShape(i), places));
    shapes.push_back(places);
  }
  return l.elementwise(ins, shapes, shape, l.plainElement(l.resultDtype()), body);
}

static Value toFloat(ImplicitLocOpBuilder &b, Value integer, Dtype dtype, Type type) {
  if (dtype >= Dtype::U8) return b.create<arith::UIToFPOp>(type, integer);
  return b.create<arith::SIToFPOp>(type, integer);
}
static Value extended(ImplicitLocOpBuilder &b, Value integer, Dtype dtype, Type type) {
  if (integer.getType() == type) return integer;
  if (dtype >= Dtype::U8) return b.create<arith::ExtUIOp>(type, integer);
  return b.create<arith::ExtSIOp>(type, integer);
}

/// Least and largest number of at most 32 bits.
static std::pair<int64_t, int64_t> range(Dtype dtype) {
  int bits = 8 * int(dtypeBytes(dtype));
  if (dtype >= Dtype::U8) return {0, (int64_t(1) << bits) - 1};
  return {-(int64_t(1) << (bits - 1)), (int64_t(1) << (bits - 1)) - 1};
}

// quantize
LogicalResult QuantizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  ValueRange operands = adaptor.getOperands();
  auto x = operandType(location, "quantize", operands, 0, floatDtypes); // (C1)
  if (failed(x)) return failure();
  Type element = adaptor.getDtype();
  std::optional<Dtype> dtype = dtypeOf(element);
  if (!dtype || !llvm::is_contained(quantizedDtypes, *dtype)) // (C3)
    return shapeError(location, "G4002", About::theAttribute("dtype"),
                      "'quantize' cannot make " + typeName(element) + ", it can make i8, i16, u8 and u16");
  auto scale = operandType(location, "quantize", operands, 1, floatDtypes);
  if (failed(scale) || failed(checkSame(location, "scale", 1, scale->getElementType(), x->getElementType(),
                                        "the dtype of 'x'", About::theOperand(0)))) // (C2)
    return failure();
  if (operands.size() > 2) {
    auto zero = operandType(location, "quantize", operands, 2, {});
    if (failed(zero) || failed(checkSame(location, "zero", 2, zero->getElementType(), element,
                                         "the dtype that 'dtype' says", About::theAttribute("dtype")))) // (C4)
      return failure();
  }
  if (failed(checkPlaces(location, *x, adaptor.getAxis(), operands))) return failure();
  return addResultType(location, shapeOf(*x), element, About::theOperand(0), types);
}

// A sum beyond 2^24 is inexact in f32, but saturates whatever it rounds to.
FailureOr<SmallVector<Value>> QuantizeOp::lower(Lowering &l) {
  Dtype from = l.operandDtype(0), to = l.resultDtype();
  Value y = lowerPlaces(l, getAxis(), [&](ImplicitLocOpBuilder &builder, ValueRange x) -> Value {
    ScalarBuilder b(builder.getLoc(), builder, from, to);
    Value quotient = b.div(Lowering::toCompute(b, x[0], from), Lowering::toCompute(b, x[1], from));
    Value rounded = b.create<math::RoundEvenOp>(quotient);
    rounded = b.select(b.isNan(rounded), b.number(rounded, 0), rounded);
    if (x.size() > 2) rounded = b.add(rounded, toFloat(b, x[2], to, rounded.getType()));
    auto [low, high] = range(to);
    Value least = b.number(rounded, low), most = b.number(rounded, high);
    rounded = b.select(b.less(rounded, least), least, rounded);
    rounded = b.select(b.less(most, rounded), most, rounded);
    return b.create<arith::TruncIOp>(l.plainElement(to), b.create<arith::FPToSIOp>(b.getI32Type(), rounded));
  });
  return SmallVector<Value>{y};
}

LogicalResult QuantizeOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &scale = operands[1];
  auto [low, high] = range(results[0].dtype);
  for (int64_t i = 0, n = x.size(); i < n; ++i) {
    int64_t place = placeOf(x, i, getAxis());
    double quotient = x.floats[i].v / scale.floats[place].v;
    if (x.dtype != Dtype::F64) quotient = float(quotient); // a quotient that f32 rounds to a half is one
    double zero = operands.size() > 2 ? double(operands[2].integers[place]) : 0;
    double rounded = std::isnan(quotient) ? zero : std::nearbyint(quotient) + zero;
    results[0].integers[i] = rounded <= low ? low : rounded >= high ? high : int64_t(rounded);
  }
  return success();
}

Dim QuantizeOp::flops() { return 2 * elementCount(shapeOf(getType())); }

// dequantize
LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  ValueRange operands = adaptor.getOperands();
  auto x = operandType(location, "dequantize", operands, 0, dequantizedDtypes); // (C1)
  if (failed(x)) return failure();
  auto scale = operandType(location, "dequantize", operands, 1, floatDtypes); // (C2)
  if (failed(scale)) return failure();
  Type element = adaptor.getDtype().value_or(scale->getElementType());
  std::optional<Dtype> dtype = dtypeOf(element);
  if (!dtype || !isFloat(*dtype)) // (C3)
    return shapeError(location, "G4002", About::theAttribute("dtype"),
                      "'dequantize' cannot make " + typeName(element) + ", it can make f32, f64, f16 and bf16");
  if (operands.size() > 2) {
    auto zero = operandType(location, "dequantize", operands, 2, {});
    if (failed(zero) || failed(checkSame(location, "zero", 2, zero->getElementType(), x->getElementType(),
                                         "the dtype of 'x'", About::theOperand(0)))) // (C4)
      return failure();
  }
  if (failed(checkPlaces(location, *x, adaptor.getAxis(), operands))) return failure();
  return addResultType(location, shapeOf(*x), element, About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> DequantizeOp::lower(Lowering &l) {
  Dtype from = l.operandDtype(0), of = l.operandDtype(1), to = l.resultDtype();
  bool wide = of == Dtype::F64 || to == Dtype::F64;
  Type type = wide ? l.getF64Type() : l.getF32Type();
  Type difference = from == Dtype::I32 && l.in.size() > 2 ? l.getI64Type() : l.getI32Type(); // holds all differences
  Value y = lowerPlaces(l, getAxis(), [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
    Value integer = extended(b, x[0], from, difference);
    if (x.size() > 2) integer = b.create<arith::SubIOp>(integer, extended(b, x[2], from, difference));
    Value scale = Lowering::toCompute(b, x[1], of);
    if (scale.getType() != type) scale = b.create<arith::ExtFOp>(type, scale);
    Value product = b.create<arith::MulFOp>(b.create<arith::SIToFPOp>(type, integer), scale);
    Type element = l.plainElement(to);
    if (product.getType() == element) return product;
    return b.create<arith::TruncFOp>(element, product);
  });
  return SmallVector<Value>{y};
}

LogicalResult DequantizeOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  const HostTensor &x = operands[0], &scale = operands[1];
  for (int64_t i = 0, n = x.size(); i < n; ++i) {
    int64_t place = placeOf(x, i, getAxis());
    int64_t difference = x.integers[i] - (operands.size() > 2 ? operands[2].integers[place] : 0);
    results[0].floats[i] = Jet(double(difference)) * scale.floats[place];
  }
  return success();
}

Dim DequantizeOp::flops() { return 2 * elementCount(shapeOf(getType())); }
Value DequantizeOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  SmallVector<Value> operands(getOperands());
  operands[1] = b.ones(getScale());
  Value perScale = b.mul(ct[0], createLike(b, *this, operands)->getResult(0));
  SmallVector<int64_t> gone;
  int64_t rank = typeOf(getX()).getRank();
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!getAxis() || axis != axisFromFront(int64_t(*getAxis()), rank)) gone.push_back(axis);
  return b.cast(b.sum(perScale, gone), typeOf(getScale()).getElementType());
}
