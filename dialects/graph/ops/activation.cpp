// What stands between the layers of a network. Where a formula has infinity times 0, its operand is first held at a
// bound beyond which the result no longer changes, in any dtype.
#include "dialects/graph/graph_dialect.h"
#include <cmath>

using namespace mlir;
using namespace graphc::graph;

// Below -1000 e^x is 0 even in f64, below -40 so is e^(-x^2/2): x times them is -0.
static constexpr double vanishingExponent = -1000, vanishingNormal = -40;
// From here on 1 + |x| is |x|.
static constexpr double dwarfsOne = 1e30;
static constexpr double twoOverRootPi = 1.1283791670955126;
static constexpr double rootHalf = 0.70710678118654752, rootTwoOverPi = 0.79788456080286536, cubicPart = 0.044715;

static Value clampTo(ScalarBuilder &b, Value x, double low, double high) {
  return b.minimum(b.maximum(x, b.number(x, low)), b.number(x, high));
}

// relu: 0 > x ? 0 : x, which is false for NaN and so keeps it, as no min or max instruction does.
Value ReluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  if (b.isUnsigned()) return x[0];
  Value zero = b.isReal() ? b.number(x[0], 0) : b.integer(x[0], 0);
  return b.select(b.compare(ScalarBuilder::Relation::Greater, zero, x[0]), zero, x[0]);
}
Number ReluOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].isReal()) return relu(x[0].real);
  return Number::of(x[0].isUnsigned() ? x[0].integer : std::max<int64_t>(x[0].integer, 0));
}
std::optional<Advice> ReluOp::advise() {
  if (!getX().getDefiningOp<ReluOp>()) return std::nullopt;
  return Advice{"G8006", "relu of relu does nothing"};
}
// By the result: where it is 0 or less, so is x. Then nothing keeps x, and relu is part of what makes it.
Value ReluOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.without(b.lessEqual(getY(), 0), v); }

// sigmoid: with z = e^-|x|, which never overflows: (x < 0 ? z : 1) / (1 + z).
static Value buildSigmoid(ScalarBuilder &b, Value x) {
  Value zero = b.number(x, 0), one = b.number(x, 1);
  Value z = b.exp(b.neg(b.absolute(x)));
  return b.div(b.select(b.less(x, zero), z, one), b.add(one, z));
}
Value SigmoidOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return buildSigmoid(b, x[0]); }
Number SigmoidOp::evaluateScalar(ArrayRef<Number> x) { return sigmoid(x[0].real); }
Value SigmoidOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.mul(getY(), b.sub(1, getY()))); }

// silu
Value SiluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value held = b.maximum(x[0], b.number(x[0], vanishingExponent));
  return b.mul(held, buildSigmoid(b, held));
}
Number SiluOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].real.v < vanishingExponent) return Jet(-0.0);
  return x[0].real * sigmoid(x[0].real);
}
Value SiluOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  Value s = b.sigmoid(getX());
  return b.mul(v, b.add(s, b.mul(getY(), b.sub(1, s))));
}

// erf
Value ErfOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.create<math::ErfOp>(x[0]); }
Number ErfOp::evaluateScalar(ArrayRef<Number> x) { return erf(x[0].real); }
Value ErfOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.mul(v, b.mul(b.exp(b.neg(b.square(getX()))), twoOverRootPi));
}

// gelu
Value GeluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value held = b.maximum(x[0], b.number(x[0], vanishingNormal));
  Value error = b.create<math::ErfOp>(b.mul(held, b.number(held, rootHalf)));
  return b.mul(b.mul(held, b.number(held, 0.5)), b.add(b.number(held, 1), error));
}
Number GeluOp::evaluateScalar(ArrayRef<Number> x) {
  double v = x[0].real.v;
  if (v < vanishingNormal) return Jet(-0.0);
  double share = std::erfc(-v * rootHalf) / 2, density = rootTwoOverPi / 2 * std::exp(-v * v / 2);
  if (std::isinf(v)) return x[0].real;
  return chain(x[0].real, v * share, share + v * density, density * (2 - v * v));
}
Value GeluOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  Value share = b.mul(b.add(b.create<ErfOp>(b.mul(getX(), rootHalf)), 1), 0.5);
  Value density = b.mul(b.exp(b.mul(b.square(getX()), -0.5)), rootTwoOverPi / 2);
  return b.mul(v, b.add(share, b.mul(getX(), density)));
}

// gelu_tanh: (1 + tanh(u)) / 2 = sigmoid(2 u), which loses no digits where tanh is near -1.
Value GeluTanhOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value held = b.maximum(x[0], b.number(x[0], vanishingExponent));
  Value inner = b.add(b.number(held, 1), b.mul(b.number(held, cubicPart), b.mul(held, held)));
  return b.mul(held, buildSigmoid(b, b.mul(b.mul(b.number(held, 2 * rootTwoOverPi), held), inner)));
}
Number GeluTanhOp::evaluateScalar(ArrayRef<Number> x) {
  Jet v = x[0].real;
  if (v.v < vanishingExponent) return Jet(-0.0);
  return v * sigmoid(Jet(2 * rootTwoOverPi) * v * (Jet(1) + Jet(cubicPart) * v * v));
}
Value GeluTanhOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  Value squared = b.square(getX());
  Value inner = b.mul(b.mul(getX(), 2 * rootTwoOverPi), b.add(b.mul(squared, cubicPart), 1));
  Value s = b.sigmoid(inner), slope = b.mul(b.add(b.mul(squared, 3 * cubicPart), 1), 2 * rootTwoOverPi);
  return b.mul(v, b.add(s, b.mul(b.mul(getY(), b.sub(1, s)), slope)));
}

// softplus: max(x, 0) + log1p(e^-|x|)
Value SoftplusOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value small = b.create<math::Log1pOp>(b.exp(b.neg(b.absolute(x[0]))));
  return b.add(b.maximum(x[0], b.number(x[0], 0)), small);
}
Number SoftplusOp::evaluateScalar(ArrayRef<Number> x) {
  double v = x[0].real.v;
  Jet slope = sigmoid(Jet(v, 1, 0, 0));
  if (std::isnan(v)) return x[0].real;
  return chain(x[0].real, std::fmax(v, 0) + std::log1p(std::exp(-std::fabs(v))), slope.v, slope.d1);
}
Value SoftplusOp::timesPartial(RuleBuilder &b, unsigned, Value v) { return b.mul(v, b.sigmoid(getX())); }

// softsign
Value SoftsignOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value held = clampTo(b, x[0], -dwarfsOne, dwarfsOne);
  return b.div(held, b.add(b.number(held, 1), b.absolute(held)));
}
Number SoftsignOp::evaluateScalar(ArrayRef<Number> x) {
  double v = x[0].real.v, sum = 1 + std::fabs(v), slope = 1 / (sum * sum);
  double value = std::isinf(v) ? std::copysign(1.0, v) : v / sum;
  return chain(x[0].real, value, slope, std::copysign(v == 0 ? 0 : 2 * slope / sum, -v));
}
Value SoftsignOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.div(v, b.square(b.add(b.create<AbsOp>(getX()), 1)));
}

// hard_swish
Value HardSwishOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value held = b.maximum(x[0], b.number(x[0], -3));
  Value share = b.minimum(b.add(held, b.number(held, 3)), b.number(held, 6));
  return b.mul(held, b.div(share, b.number(held, 6)));
}
Number HardSwishOp::evaluateScalar(ArrayRef<Number> x) {
  Jet v = x[0].real;
  if (v.v < -3) return Jet(-0.0);
  return v * (clamp(v + Jet(3), 0, 6) / Jet(6));
}
Value HardSwishOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  Value between = b.mul(v, b.div(b.add(b.mul(getX(), 2), 3), b.number(v, 6)));
  return b.without(b.less(getX(), -3), b.select(b.less(3, getX()), v, between));
}

/// x above 0, else below(x).
static Value positiveOr(ScalarBuilder &b, Value x, Value below) {
  return b.select(b.less(b.number(x, 0), x), x, below);
}

// elu
Value EluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value below = b.mul(b.number(x[0], getAlpha().convertToDouble()), b.create<math::ExpM1Op>(x[0]));
  return positiveOr(b, x[0], below);
}
Number EluOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].real.v > 0) return x[0].real;
  return Jet(getAlpha().convertToDouble()) * expm1(x[0].real);
}
Value EluOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.select(b.less(0, getX()), v, b.mul(v, b.add(getY(), getAlpha().convertToDouble())));
}

// celu
LogicalResult CeluOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  if (adaptor.getAlpha().isZero()) // (C2)
    return shapeError(location, "G2001", About::theAttribute("alpha"), "'alpha' of 'celu' divides and cannot be 0");
  return inferElementwise(location, "celu", adaptor.getOperands(), floatDtypes, std::nullopt, 0, types); // (C1)
}
Value CeluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value alpha = b.number(x[0], getAlpha().convertToDouble());
  return positiveOr(b, x[0], b.mul(alpha, b.create<math::ExpM1Op>(b.div(x[0], alpha))));
}
Number CeluOp::evaluateScalar(ArrayRef<Number> x) {
  Jet alpha(getAlpha().convertToDouble());
  if (x[0].real.v > 0) return x[0].real;
  return alpha * expm1(x[0].real / alpha);
}
Value CeluOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  Value below = b.add(b.mul(getY(), 1 / getAlpha().convertToDouble()), 1);
  return b.select(b.less(0, getX()), v, b.mul(v, below));
}

// selu
Value SeluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value below = b.mul(b.number(x[0], getAlpha().convertToDouble()), b.create<math::ExpM1Op>(x[0]));
  return b.mul(b.number(x[0], getGamma().convertToDouble()), positiveOr(b, x[0], below));
}
Number SeluOp::evaluateScalar(ArrayRef<Number> x) {
  Jet alpha(getAlpha().convertToDouble()), gamma(getGamma().convertToDouble());
  return gamma * (x[0].real.v > 0 ? x[0].real : alpha * expm1(x[0].real));
}
Value SeluOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  double alpha = getAlpha().convertToDouble(), gamma = getGamma().convertToDouble();
  return b.select(b.less(0, getX()), b.mul(v, gamma), b.mul(v, b.add(getY(), alpha * gamma)));
}

// leaky_relu
Value LeakyReluOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  return positiveOr(b, x[0], b.mul(b.number(x[0], getSlope().convertToDouble()), x[0]));
}
Number LeakyReluOp::evaluateScalar(ArrayRef<Number> x) {
  if (x[0].real.v > 0) return x[0].real;
  return Jet(getSlope().convertToDouble()) * x[0].real;
}
Value LeakyReluOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  return b.select(b.less(0, getX()), v, b.mul(v, getSlope().convertToDouble()));
}

// hard_sigmoid
Value HardSigmoidOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  Value scaled = b.mul(b.number(x[0], getAlpha().convertToDouble()), x[0]);
  return clampTo(b, b.add(scaled, b.number(x[0], getBeta().convertToDouble())), 0, 1);
}
Number HardSigmoidOp::evaluateScalar(ArrayRef<Number> x) {
  return clamp(Jet(getAlpha().convertToDouble()) * x[0].real + Jet(getBeta().convertToDouble()), 0, 1);
}
Value HardSigmoidOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  double alpha = getAlpha().convertToDouble();
  Value inner = b.add(b.mul(getX(), alpha), getBeta().convertToDouble());
  return b.only(b.both(b.lessEqual(b.number(v, 0), inner), b.lessEqual(inner, 1)), b.mul(v, alpha));
}

// hard_tanh
LogicalResult HardTanhOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  if (adaptor.getHigh() < adaptor.getLow()) // (C2)
    return shapeError(location, "G2001", {About::theAttribute("low"), About::theAttribute("high")},
                      "'low' of 'hard_tanh' is greater than 'high', it can be at most 'high'");
  return inferElementwise(location, "hard_tanh", adaptor.getOperands(), floatDtypes, std::nullopt, 0, types); // (C1)
}
Value HardTanhOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  return clampTo(b, x[0], getLow().convertToDouble(), getHigh().convertToDouble());
}
Number HardTanhOp::evaluateScalar(ArrayRef<Number> x) {
  return clamp(x[0].real, getLow().convertToDouble(), getHigh().convertToDouble());
}
Value HardTanhOp::timesPartial(RuleBuilder &b, unsigned, Value v) {
  Value low = b.number(v, getLow().convertToDouble()), high = b.number(v, getHigh().convertToDouble());
  return b.only(b.both(b.lessEqual(low, getX()), b.lessEqual(getX(), high)), v);
}
