// reduceLargeAngle: Payne and Hanek's reduction. |x| = m 2^e with m whole, so the digits of 2 / pi that m 2^e makes a
// multiple of 4 are skipped, and m times the window of digits after them is the angle in quarters, mod 4. The digits
// are constants of the code; the window is found by selects on the bits of its place, and multiplied in words of 32
// bits.
#include "compiler/lower/kernels/math_families.h"
#include <cmath>

using namespace mlir;
using namespace graphc::lower;

namespace {
/// 2 / pi in words of 32 bits, after one word of zeros.
constexpr uint32_t digits[] = {0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041,
                               0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c,
                               0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4,
                               0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf,
                               0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea,
                               0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab};

/// Everything in i64, one word of 32 bits in each.
struct Words {
  Expander &e;
  Value word(int64_t value) { return e.i64(value); }
  Value low(Value a) { return e.bitAnd(a, word(0xffffffff)); }

  /// `count` words of the digits, from bit `at` on; at < 32 * 2^placeBits.
  SmallVector<Value> window(Value at, unsigned count, unsigned placeBits) {
    SmallVector<Value> words;
    for (uint32_t digit : ArrayRef(digits).take_front((size_t(1) << placeBits) + count)) words.push_back(word(digit));
    Value place = e.right(at, word(5));
    for (unsigned bit = placeBits; bit-- > 0;) {
      size_t step = size_t(1) << bit;
      Value set = e.equalInt(e.bitAnd(e.right(place, word(bit)), word(1)), word(1));
      SmallVector<Value> next;
      for (size_t i = 0; i < count + step; ++i) next.push_back(e.select(set, words[i + step], words[i]));
      words = next;
    }
    Value shift = e.bitAnd(at, word(31));
    SmallVector<Value> result;
    for (unsigned i = 0; i < count; ++i)
      result.push_back(e.right(e.left(e.bitOr(e.left(words[i], word(32)), words[i + 1]), shift), word(32)));
    return result;
  }

  /// Adds factor times the words to sum, whose words are `up` places higher; what passes the first word is dropped.
  void addProduct(SmallVectorImpl<Value> &sum, Value factor, ArrayRef<Value> words, unsigned up) {
    Value carry = word(0);
    for (size_t i = words.size(); i-- > up;) {
      Value total = e.addInt(e.addInt(e.mulInt(factor, words[i]), sum[i - up]), carry);
      sum[i - up] = low(total);
      carry = e.right(total, word(32));
    }
  }
};

/// A word, unsigned or signed, as f64 times 2^exponent.
Value wordAsReal(Expander &wide, Value word, bool isSigned, int exponent) {
  double base = isSigned ? 0x1.8p52 : 0x1p52;
  Value real = wide.sub(wide.asReal(wide.addInt(word, wide.asBits(wide.f(base)))), wide.f(base));
  return wide.mul(real, wide.f(std::ldexp(1.0, exponent)));
}
} // namespace

ReducedAngle graphc::lower::reduceLargeAngle(Expander &e, Value x) {
  Type i64 = e.shaped(e.getI64Type());
  Expander wide(e, e.shaped(e.getF64Type()), e.hasFma);
  Words w{e};
  Value bits = e.wide ? e.asBits(x) : e.create<arith::ExtUIOp>(i64, e.asBits(x)).getResult();
  Value biased = e.bitAnd(e.right(bits, w.word(e.mantissa)), w.word(e.wide ? 0x7ff : 0xff));
  int64_t hidden = int64_t(1) << e.mantissa;
  Value m = e.bitOr(e.bitAnd(bits, w.word(hidden - 1)), w.word(hidden));
  // Bit `at` of the digits has the weight 2 in x's product; the zeros in front make it at least 0.
  Value at = e.addInt(biased, w.word(30 - e.mantissa - (e.wide ? 1023 : 127)));
  unsigned count = e.wide ? 6 : 3; // the closest x comes to a multiple of pi / 2 leaves twice the mantissa of digits
  SmallVector<Value> v = w.window(at, count, e.wide ? 5 : 3);
  SmallVector<Value> product(count, w.word(0));
  w.addProduct(product, w.low(m), v, 0);
  if (e.wide) w.addProduct(product, e.right(m, w.word(32)), v, 1);

  // The angle in quarters, mod 4, has its binary point after the first two bits.
  Value top = e.bitOr(e.left(product[0], w.word(32)), product[1]);
  Value quadrant = e.right(e.addInt(top, w.word(int64_t(1) << 61)), w.word(62));
  Value rest = e.subInt(top, e.left(quadrant, w.word(62)));
  Pair sum = wide.twoSum(wordAsReal(wide, e.rightSigned(rest, w.word(32)), true, -30),
                         wordAsReal(wide, w.low(rest), false, -62));
  Value last = wordAsReal(wide, product[2], false, -94);
  Value negative = e.create<arith::CmpIOp>(arith::CmpIPredicate::slt, bits, w.word(0));
  if (!e.wide) negative = e.equalInt(e.right(bits, w.word(31)), w.word(1));
  quadrant = e.select(negative, e.subInt(w.word(0), quadrant), quadrant);
  if (!e.wide) {
    Value radians = wide.mul(wide.add(sum.high, wide.add(sum.low, last)), wide.f(0x1.921fb54442d18p+0));
    radians = e.select(negative, wide.neg(radians), radians);
    Value high = e.create<arith::TruncFOp>(e.real, radians);
    Value low = e.create<arith::TruncFOp>(e.real, wide.sub(radians, e.create<arith::ExtFOp>(wide.real, high)));
    return {{high, low}, e.create<arith::TruncIOp>(e.bits, quadrant)};
  }
  Pair next = e.twoSum(sum.high, last);
  next = e.fastTwoSum(next.high, e.add(next.low, e.add(sum.low, wordAsReal(wide, product[3], false, -126))));
  Pair radians = e.product(next, {e.f(0x1.921fb54442d18p+0), e.f(0x1.1a62633145c07p-54)});
  return {{e.select(negative, e.neg(radians.high), radians.high), e.select(negative, e.neg(radians.low), radians.low)},
          quadrant};
}
