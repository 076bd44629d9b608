// Elementwise operators: most are one graph op; activations that graphc lacks are formulas.
#include "compiler/onnx/op_table.h"
#include <limits>

namespace graphc::onnx {
using graph::Dtype;
namespace {

#define GRAPHC_UNARY(function, mnemonic)                                                                               \
  void function(NodeBuilder &n) { n.result(0, n.op(mnemonic, n.in(0))); }
GRAPHC_UNARY(mapAbs, "abs")
GRAPHC_UNARY(mapAcos, "acos")
GRAPHC_UNARY(mapAcosh, "acosh")
GRAPHC_UNARY(mapAsin, "asin")
GRAPHC_UNARY(mapAsinh, "asinh")
GRAPHC_UNARY(mapAtan, "atan")
GRAPHC_UNARY(mapAtanh, "atanh")
GRAPHC_UNARY(mapBitwiseNot, "bit_not")
GRAPHC_UNARY(mapCeil, "ceil")
GRAPHC_UNARY(mapCos, "cos")
GRAPHC_UNARY(mapCosh, "cosh")
GRAPHC_UNARY(mapErf, "erf")
GRAPHC_UNARY(mapExp, "exp")
GRAPHC_UNARY(mapFloor, "floor")
GRAPHC_UNARY(mapHardSwish, "hard_swish")
GRAPHC_UNARY(mapIsNaN, "is_nan")
GRAPHC_UNARY(mapLog, "log")
GRAPHC_UNARY(mapMish, "mish")
GRAPHC_UNARY(mapNeg, "neg")
GRAPHC_UNARY(mapNot, "not")
GRAPHC_UNARY(mapReciprocal, "reciprocal")
GRAPHC_UNARY(mapRelu, "relu")
GRAPHC_UNARY(mapRound, "round")
GRAPHC_UNARY(mapSigmoid, "sigmoid")
GRAPHC_UNARY(mapSign, "sign")
GRAPHC_UNARY(mapSin, "sin")
GRAPHC_UNARY(mapSinh, "sinh")
GRAPHC_UNARY(mapSoftplus, "softplus")
GRAPHC_UNARY(mapSqrt, "sqrt")
GRAPHC_UNARY(mapTan, "tan")
GRAPHC_UNARY(mapTanh, "tanh")
#undef GRAPHC_UNARY

/// The second operand. Before opset 7 it was aligned with the first at 'axis', where 'broadcast' said so.
Value second(NodeBuilder &n) {
  Value a = n.in(0), b = n.in(1);
  if (n.opset >= 7 || n.integer("broadcast", 0) == 0) return b;
  int64_t start = n.integer("axis", a.rank() - b.rank()), after = a.rank() - start - b.rank();
  if (start < 0 || after < 0) return n.error("G2004", "attribute 'axis' does not fit the operands");
  Ints shape(b.shape());
  shape.append(after, 1);
  return n.reshape(b, shape);
}

#define GRAPHC_BINARY(function, mnemonic)                                                                              \
  void function(NodeBuilder &n) { n.result(0, n.op(mnemonic, {n.in(0), second(n)})); }
GRAPHC_BINARY(mapAdd, "add")
GRAPHC_BINARY(mapAnd, "and")
GRAPHC_BINARY(mapBitwiseAnd, "bit_and")
GRAPHC_BINARY(mapBitwiseOr, "bit_or")
GRAPHC_BINARY(mapBitwiseXor, "bit_xor")
GRAPHC_BINARY(mapEqual, "equal")
GRAPHC_BINARY(mapGreater, "greater")
GRAPHC_BINARY(mapGreaterOrEqual, "greater_equal")
GRAPHC_BINARY(mapLess, "less")
GRAPHC_BINARY(mapLessOrEqual, "less_equal")
GRAPHC_BINARY(mapMul, "mul")
GRAPHC_BINARY(mapOr, "or")
GRAPHC_BINARY(mapSub, "sub")
GRAPHC_BINARY(mapXor, "xor")
#undef GRAPHC_BINARY

/// Integers divide toward zero: a - fmod(a, b) is a multiple of b, so that its floor division is exact.
void mapDiv(NodeBuilder &n) {
  Value a = n.in(0), b = second(n);
  if (a.isFloat()) return n.result(0, n.div(a, b));
  if (a.dtype() >= Dtype::U8) return n.result(0, n.op("floor_div", {a, b}));
  n.result(0, n.op("floor_div", {n.sub(a, n.op("fmod", {a, b})), b}));
}

void mapMod(NodeBuilder &n) {
  bool asC = n.integer("fmod", 0) != 0;
  n.result(0, n.op(asC ? "fmod" : "mod", {n.in(0), n.in(1)}));
}

/// The result has the base's dtype, the exponent may have another.
void mapPow(NodeBuilder &n) {
  Value base = n.in(0), exponent = second(n);
  if (base.dtype() == exponent.dtype() && base.isFloat()) return n.result(0, n.op("pow", {base, exponent}));
  if (base.isFloat()) return n.result(0, n.op("pow", {base, n.cast(exponent, base.dtype())}));
  if (!exponent.isFloat()) return n.result(0, n.op("pow", {base, n.cast(exponent, base.dtype())}));
  Value power = n.op("pow", {n.cast(base, Dtype::F64), n.cast(exponent, Dtype::F64)});
  n.result(0, n.cast(power, base.dtype()));
}

Value folded(NodeBuilder &n, llvm::StringRef mnemonic) {
  Value result = n.in(0);
  for (size_t i = 1; i < n.inputCount(); ++i) result = n.op(mnemonic, {result, n.in(i)});
  return result;
}
void mapMax(NodeBuilder &n) { n.result(0, folded(n, "max")); }
void mapMin(NodeBuilder &n) { n.result(0, folded(n, "min")); }
void mapSum(NodeBuilder &n) { n.result(0, folded(n, "add")); }
void mapMean(NodeBuilder &n) {
  Value sum = folded(n, "add");
  n.result(0, n.div(sum, n.like(sum, static_cast<double>(n.inputCount()))));
}

void mapWhere(NodeBuilder &n) { n.result(0, n.select(n.in(0), n.in(1), n.in(2))); }
void mapIdentity(NodeBuilder &n) { n.result(0, n.in(0)); }

void mapClip(NodeBuilder &n) {
  Value x = n.in(0), low = n.optional(1), high = n.optional(2);
  if (n.opset < 11) {
    if (n.hasAttribute("min")) low = n.like(x, n.real("min", 0));
    if (n.hasAttribute("max")) high = n.like(x, n.real("max", 0));
  }
  if (low) x = n.op("max", {x, low});
  if (high) x = n.op("min", {x, high});
  n.result(0, x);
}

void mapElu(NodeBuilder &n) { n.result(0, n.op("elu", n.in(0), {{"alpha", n.real("alpha", 1)}})); }
void mapCelu(NodeBuilder &n) { n.result(0, n.op("celu", n.in(0), {{"alpha", n.real("alpha", 1)}})); }
void mapSelu(NodeBuilder &n) {
  // The defaults are the floats that the specification gives.
  double alpha = n.real("alpha", double(1.67326319217681884765625f));
  double gamma = n.real("gamma", double(1.05070102214813232421875f));
  n.result(0, n.op("selu", n.in(0), {{"alpha", alpha}, {"gamma", gamma}}));
}
void mapLeakyRelu(NodeBuilder &n) {
  n.result(0, n.op("leaky_relu", n.in(0), {{"slope", n.real("alpha", double(0.01f))}}));
}
void mapHardSigmoid(NodeBuilder &n) {
  double alpha = n.real("alpha", double(0.2f)), beta = n.real("beta", 0.5);
  n.result(0, n.op("hard_sigmoid", n.in(0), {{"alpha", alpha}, {"beta", beta}}));
}

void mapPRelu(NodeBuilder &n) {
  Value x = n.in(0), slope = n.in(1);
  if (n.opset < 7 && slope.rank() == 1 && x.rank() > 1) { // one slope per channel
    Ints shape{slope.dim(0)};
    shape.append(x.rank() - 2, 1);
    slope = n.reshape(slope, shape);
  }
  n.result(0, n.select(n.op("less", {x, n.like(x, 0)}), n.mul(x, slope), x));
}

void mapThresholdedRelu(NodeBuilder &n) {
  Value x = n.in(0);
  Value above = n.op("greater", {x, n.like(x, n.real("alpha", 1))});
  n.result(0, n.select(above, x, n.like(x, 0)));
}

void mapShrink(NodeBuilder &n) {
  Value x = n.in(0), zero = n.like(x, 0);
  double lambd = n.real("lambd", 0.5);
  Value bias = n.like(x, n.real("bias", 0));
  Value low = n.op("less", {x, n.like(x, -lambd)}), high = n.op("greater", {x, n.like(x, lambd)});
  n.result(0, n.select(low, n.add(x, bias), n.select(high, n.sub(x, bias), zero)));
}

void mapSoftsign(NodeBuilder &n) {
  Value x = n.in(0);
  n.result(0, n.div(x, n.add(n.like(x, 1), n.op("abs", x))));
}

void mapSwish(NodeBuilder &n) {
  Value x = n.in(0);
  n.result(0, n.mul(x, n.op("sigmoid", n.mul(x, n.like(x, n.real("alpha", 1))))));
}

void mapGelu(NodeBuilder &n) {
  std::string how = n.text("approximate", "none");
  if (how != "none" && how != "tanh") n.unsupported("attribute 'approximate' = '" + support::printable(how) + "'");
  n.result(0, n.op(how == "tanh" ? "gelu_tanh" : "gelu", n.in(0)));
}

void mapIsInf(NodeBuilder &n) {
  Value x = n.in(0);
  bool negative = n.integer("detect_negative", 1) != 0, positive = n.integer("detect_positive", 1) != 0;
  if (negative && positive) return n.result(0, n.op("is_inf", x));
  if (!negative && !positive) return n.result(0, n.filled(Dtype::Bool, x.shape(), 0));
  double infinity = std::numeric_limits<double>::infinity();
  n.result(0, n.op("equal", {x, n.like(x, positive ? infinity : -infinity)}));
}

void mapBitShift(NodeBuilder &n) {
  std::string direction = n.text("direction", "");
  if (direction != "LEFT" && direction != "RIGHT") n.error("G0202", "attribute 'direction' must be LEFT or RIGHT");
  n.result(0, n.op(direction == "LEFT" ? "shift_left" : "shift_right", {n.in(0), n.in(1)}));
}

/// To bool: whether it is not zero.
Value converted(NodeBuilder &n, Value x, Dtype dtype) {
  if (dtype == Dtype::Bool && x && x.dtype() != dtype) return n.op("not_equal", {x, n.like(x, 0)});
  return n.cast(x, dtype);
}
void mapCast(NodeBuilder &n) { n.result(0, converted(n, n.in(0), n.dtypeOf(n.requiredInteger("to")))); }
void mapCastLike(NodeBuilder &n) { n.result(0, converted(n, n.in(0), n.in(1).dtype())); }

/// At inference nothing is dropped.
void mapDropout(NodeBuilder &n) {
  Value x = n.in(0);
  if (n.has(2)) {
    std::optional<double> training = n.knownReal(n.in(2), "training_mode"), ratio = 0.5;
    if (n.has(1)) ratio = n.knownReal(n.in(1), "ratio");
    if (training.value_or(0) != 0 && ratio.value_or(0) != 0) n.unsupported("dropout in training mode");
  }
  n.result(0, x);
  if (n.wants(1)) n.result(1, n.filled(n.opset >= 10 ? Dtype::Bool : x.dtype(), x.shape(), 1));
}

constexpr OpRow rows[] = {
    {"Abs", mapAbs},
    {"Acos", mapAcos},
    {"Acosh", mapAcosh},
    {"Add", mapAdd},
    {"And", mapAnd},
    {"Asin", mapAsin},
    {"Asinh", mapAsinh},
    {"Atan", mapAtan},
    {"Atanh", mapAtanh},
    {"BitShift", mapBitShift},
    {"BitwiseAnd", mapBitwiseAnd},
    {"BitwiseNot", mapBitwiseNot},
    {"BitwiseOr", mapBitwiseOr},
    {"BitwiseXor", mapBitwiseXor},
    {"Cast", mapCast},
    {"CastLike", mapCastLike},
    {"Ceil", mapCeil},
    {"Celu", mapCelu},
    {"Clip", mapClip},
    {"Cos", mapCos},
    {"Cosh", mapCosh},
    {"Div", mapDiv},
    {"Dropout", mapDropout},
    {"Elu", mapElu},
    {"Equal", mapEqual},
    {"Erf", mapErf},
    {"Exp", mapExp},
    {"Floor", mapFloor},
    {"Gelu", mapGelu},
    {"Greater", mapGreater},
    {"GreaterOrEqual", mapGreaterOrEqual},
    {"HardSigmoid", mapHardSigmoid},
    {"HardSwish", mapHardSwish},
    {"Identity", mapIdentity},
    {"IsInf", mapIsInf},
    {"IsNaN", mapIsNaN},
    {"LeakyRelu", mapLeakyRelu},
    {"Less", mapLess},
    {"LessOrEqual", mapLessOrEqual},
    {"Log", mapLog},
    {"Max", mapMax},
    {"Mean", mapMean},
    {"Min", mapMin},
    {"Mish", mapMish},
    {"Mod", mapMod},
    {"Mul", mapMul},
    {"Neg", mapNeg},
    {"Not", mapNot},
    {"Or", mapOr},
    {"PRelu", mapPRelu},
    {"Pow", mapPow},
    {"Reciprocal", mapReciprocal},
    {"Relu", mapRelu},
    {"Round", mapRound},
    {"Selu", mapSelu},
    {"Shrink", mapShrink},
    {"Sigmoid", mapSigmoid},
    {"Sign", mapSign},
    {"Sin", mapSin},
    {"Sinh", mapSinh},
    {"Softplus", mapSoftplus},
    {"Softsign", mapSoftsign},
    {"Sqrt", mapSqrt},
    {"Sub", mapSub},
    {"Sum", mapSum},
    {"Swish", mapSwish},
    {"Tan", mapTan},
    {"Tanh", mapTanh},
    {"ThresholdedRelu", mapThresholdedRelu},
    {"Where", mapWhere},
    {"Xor", mapXor},
};
} // namespace

llvm::ArrayRef<OpRow> elementwiseRows() { return rows; }

} // namespace graphc::onnx
