// random_numbers.h. A formula is a template over Real and Bits: double and uint64_t compute, CodeReal and CodeBits
// write the same operations. No contraction: a product and its sum round twice here as in the code.
#include "dialects/graph/random_numbers.h"
#include "dialects/graph/operand_type.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#pragma STDC FP_CONTRACT OFF

using namespace mlir;

namespace graphc::graph {
namespace {

struct CodeBits {
  LoopWriter *w;
  Value value; // i64
};
struct CodeReal {
  LoopWriter *w;
  Value value; // f64
};

template <typename Op> CodeBits bitsOp(CodeBits a, CodeBits b) {
  return {a.w, a.w->createOrFold<Op>(a.value, b.value)};
}
CodeBits operator+(CodeBits a, CodeBits b) { return bitsOp<arith::AddIOp>(a, b); }
CodeBits operator-(CodeBits a, CodeBits b) { return bitsOp<arith::SubIOp>(a, b); }
CodeBits operator*(CodeBits a, CodeBits b) { return bitsOp<arith::MulIOp>(a, b); }
CodeBits operator&(CodeBits a, CodeBits b) { return bitsOp<arith::AndIOp>(a, b); }
CodeBits operator|(CodeBits a, CodeBits b) { return bitsOp<arith::OrIOp>(a, b); }
CodeBits operator^(CodeBits a, CodeBits b) { return bitsOp<arith::XOrIOp>(a, b); }

template <typename Op> CodeReal realOp(CodeReal a, CodeReal b) { return {a.w, a.w->create<Op>(a.value, b.value)}; }
CodeReal operator+(CodeReal a, CodeReal b) { return realOp<arith::AddFOp>(a, b); }
CodeReal operator-(CodeReal a, CodeReal b) { return realOp<arith::SubFOp>(a, b); }
CodeReal operator*(CodeReal a, CodeReal b) { return realOp<arith::MulFOp>(a, b); }
CodeReal operator/(CodeReal a, CodeReal b) { return realOp<arith::DivFOp>(a, b); }
CodeReal operator-(CodeReal a) { return {a.w, a.w->create<arith::NegFOp>(a.value)}; }

// A constant for use beside the first argument.
uint64_t constant(uint64_t, uint64_t c) { return c; }
double constant(double, double c) { return c; }
CodeBits constant(CodeBits x, uint64_t c) {
  return {x.w, x.w->create<arith::ConstantOp>(x.w->getI64IntegerAttr(static_cast<int64_t>(c)))};
}
CodeReal constant(CodeReal x, double c) { return {x.w, x.w->create<arith::ConstantOp>(x.w->getF64FloatAttr(c))}; }

// Shifts by a constant.
uint64_t left(uint64_t x, unsigned n) { return x << n; }
uint64_t right(uint64_t x, unsigned n) { return x >> n; }
uint64_t rightSigned(uint64_t x, unsigned n) { return static_cast<uint64_t>(static_cast<int64_t>(x) >> n); }
CodeBits left(CodeBits x, unsigned n) { return bitsOp<arith::ShLIOp>(x, constant(x, n)); }
CodeBits right(CodeBits x, unsigned n) { return bitsOp<arith::ShRUIOp>(x, constant(x, n)); }
CodeBits rightSigned(CodeBits x, unsigned n) { return bitsOp<arith::ShRSIOp>(x, constant(x, n)); }

double realOf(uint64_t x) { return llvm::bit_cast<double>(x); }
uint64_t bitsOf(double x) { return llvm::bit_cast<uint64_t>(x); }
CodeReal realOf(CodeBits x) { return {x.w, x.w->create<arith::BitcastOp>(x.w->getF64Type(), x.value)}; }
CodeBits bitsOf(CodeReal x) { return {x.w, x.w->create<arith::BitcastOp>(x.w->getI64Type(), x.value)}; }

double squareRoot(double x) { return std::sqrt(x); }
CodeReal squareRoot(CodeReal x) { return {x.w, x.w->create<math::SqrtOp>(x.value)}; }
/// a where x < limit, else b.
double whereLess(double x, double limit, double a, double b) { return x < limit ? a : b; }
CodeReal whereLess(CodeReal x, CodeReal limit, CodeReal a, CodeReal b) {
  Value less = x.w->create<arith::CmpFOp>(arith::CmpFPredicate::OLT, x.value, limit.value);
  return {x.w, x.w->select(less, a.value, b.value)};
}

/// Four words in the low halves of 64 bits.
template <typename Bits> void runPhilox(Bits key, Bits (&c)[4]) {
  const Bits low = constant(key, 0xffffffff);
  Bits key0 = key & low, key1 = right(key, 32);
  for (int round = 0; round < 10; ++round) {
    Bits product0 = c[0] * constant(key, 0xd2511f53), product1 = c[2] * constant(key, 0xcd9e8d57);
    c[0] = right(product1, 32) ^ c[1] ^ key0;
    c[2] = right(product0, 32) ^ c[3] ^ key1;
    c[1] = product1 & low;
    c[3] = product0 & low;
    key0 = (key0 + constant(key, 0x9e3779b9)) & low;
    key1 = (key1 + constant(key, 0xbb67ae85)) & low;
  }
}

/// The words of a 64-bit position and its purpose (0: elements, 1: a key), mixed with the key.
template <typename Bits> void runPhilox(Bits key, Bits position, uint64_t purpose, Bits (&words)[4]) {
  words[0] = position & constant(key, 0xffffffff);
  words[1] = right(position, 32);
  words[2] = constant(key, purpose);
  words[3] = constant(key, 0);
  runPhilox(key, words);
}

template <typename Bits> Bits pairOf(Bits low, Bits high) { return left(high, 32) | low; }

template <typename Bits> Bits folded(Bits key, Bits i) {
  Bits words[] = {key, key, key, key};
  runPhilox(key, i, 1, words);
  return pairOf(words[0], words[1]);
}

/// (k + 1/2) / 2^n, exact: 2^52 + k is put together from its bits, and 1/2 is still a bit of it less 2^52.
template <typename Bits> auto middleOf(Bits drawn, DrawnBits bits) {
  Bits k = bits == DrawnBits::Pair ? right(drawn, 12) : drawn;
  auto shifted = realOf(k | constant(drawn, 0x4330000000000000));
  return (shifted - constant(shifted, 0x1p52 - 0.5)) * constant(shifted, bits == DrawnBits::Pair ? 0x1p-52 : 0x1p-32);
}

/// Highest power first.
template <typename Real> Real polynomial(Real x, llvm::ArrayRef<double> coefficients) {
  Real sum = constant(x, coefficients[0]);
  for (double c : coefficients.drop_front()) sum = sum * x + constant(x, c);
  return sum;
}

/// Of a positive normal number, within 1 ulp: x = m 2^e with m between the roots of 1/2 and 2, s = (m - 1) / (m + 1),
/// and the polynomial of Sun's fdlibm (e_log.c) in s^2.
template <typename Real> Real logarithm(Real x) {
  auto bits = bitsOf(x);
  auto e = rightSigned(bits - constant(bits, 0x3fe6a09e667f3bcd), 52);
  Real f = realOf(bits - left(e, 52)) - constant(x, 1.0);
  Real exponent = realOf(e + constant(bits, 0x4338000000000000)) - constant(x, 0x1.8p52); // e as a number
  Real s = f / (constant(x, 2.0) + f), z = s * s, half = constant(x, 0.5) * f * f;
  Real r = z * polynomial(z, {1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
                              2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
                              6.666666666666735130e-01});
  Real low = s * (half + r) + exponent * constant(x, 1.90821492927058770002e-10);
  return exponent * constant(x, 6.93147180369123816490e-01) - ((half - low) - f);
}

/// Algorithm AS 241 (Wichura 1988), relative error about 1e-16. All its branches are computed, so that vectors may be
/// made of it; `far`: p may be below e^-25, or 1 - p.
template <typename Real> Real quantile(Real p, bool far) {
  auto number = [&](double c) { return constant(p, c); };
  Real q = p - number(0.5), r = number(0.180625) - q * q;
  Real above = polynomial(r, {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
                              4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
                              1.3314166789178437745e+2, 3.3871328727963666080e+0}) *
               q;
  Real below = polynomial(r, {5.2264952788528545610e+3, 2.8729085735722194267e+4, 3.9307895800092710610e+4,
                              2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
                              4.2313330701600911252e+1, 1.0});
  Real root = squareRoot(-logarithm(whereLess(q, number(0), p, number(1) - p))), near = root - number(1.6);
  Real tailAbove = polynomial(near, {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                     1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                     4.63033784615654529590e+0, 1.42343711074968357734e+0});
  Real tailBelow = polynomial(near, {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                                     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
                                     2.05319162663775882187e+0, 1.0});
  if (far) {
    Real rest = root - number(5);
    Real farAbove = polynomial(rest, {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                                      2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
                                      5.46378491116411436990e+0, 6.65790464350110377720e+0});
    Real farBelow = polynomial(rest, {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                                      7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                                      5.99832206555887937690e-1, 1.0});
    tailAbove = whereLess(number(5), root, farAbove, tailAbove);
    tailBelow = whereLess(number(5), root, farBelow, tailBelow);
  }
  tailAbove = whereLess(q, number(0), -tailAbove, tailAbove);
  return whereLess(r, number(0), tailAbove, above) / whereLess(r, number(0), tailBelow, below);
}

template <typename Bits> auto normal(Bits drawn, DrawnBits bits) {
  return quantile(middleOf(drawn, bits), /*far=*/bits == DrawnBits::Pair);
}
template <typename Bits> auto gumbel(Bits drawn) { return -logarithm(-logarithm(middleOf(drawn, DrawnBits::Pair))); }

} // namespace

LogicalResult checkKey(std::optional<Location> location, Value key, int index) {
  auto type = dyn_cast<RankedTensorType>(key.getType());
  Type element = getElementTypeOrSelf(key.getType());
  if (!type || dtypeOf(element) != Dtype::I64)
    return shapeError(location, "G4002", About::theOperand(index),
                      "a key of random numbers is an i64 scalar, this is " + typeName(element));
  if (type.getRank() != 0)
    return shapeError(location, "G3008", About::theOperand(index), "a key of random numbers is an i64 scalar");
  return success();
}

std::array<uint32_t, 4> philox(uint64_t key, std::array<uint32_t, 4> counter) {
  uint64_t words[] = {counter[0], counter[1], counter[2], counter[3]};
  runPhilox(key, words);
  return {uint32_t(words[0]), uint32_t(words[1]), uint32_t(words[2]), uint32_t(words[3])};
}

uint64_t drawBits(uint64_t key, uint64_t element, DrawnBits bits) {
  uint64_t words[4], count = uint64_t(elementsPerBlock(bits)), at = element % count;
  runPhilox(key, element / count, 0, words);
  return bits == DrawnBits::Word ? words[at] : pairOf(words[2 * at], words[2 * at + 1]);
}
uint64_t foldKey(uint64_t key, uint64_t i) { return folded(key, i); }
double normalOf(uint64_t drawn, DrawnBits bits) { return normal(drawn, bits); }
double gumbelOf(uint64_t drawn) { return gumbel(drawn); }

CodeBlock drawBlock(LoopWriter &w, Value key, Value block, DrawnBits bits) {
  CodeBits start{&w, key}, words[] = {start, start, start, start};
  runPhilox(start, CodeBits{&w, block}, 0, words);
  if (bits == DrawnBits::Word) return {words[0].value, words[1].value, words[2].value, words[3].value};
  return {pairOf(words[0], words[1]).value, pairOf(words[2], words[3]).value};
}
Value foldKey(LoopWriter &w, Value key, Value i) { return folded(CodeBits{&w, key}, CodeBits{&w, i}).value; }
Value normalOf(LoopWriter &w, Value drawn, DrawnBits bits) { return normal(CodeBits{&w, drawn}, bits).value; }
Value gumbelOf(LoopWriter &w, Value drawn) { return gumbel(CodeBits{&w, drawn}).value; }

} // namespace graphc::graph
