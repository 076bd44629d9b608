// The remainder of a division towards zero (C's fmod), exact. Each turn of its loop takes off the divisor times a whole
// number of nearly a mantissa's bits, so operands of like size take one turn; f32 takes at most 13, f64 at most 42.
#include "compiler/lower/kernels/math_families.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
/// The exponent's field of a number > 0, going on below 1 for a denormal.
Value exponentField(Expander &e, Value x) {
  Value isDenormal = e.less(x, e.f(e.choose(0x1p-1022, 0x1p-126)));
  Value field = e.right(e.asBits(e.select(isDenormal, e.mul(x, e.f(0x1p64)), x)), e.i(e.mantissa));
  return e.subInt(field, e.select(isDenormal, e.i(64), e.i(0)));
}

/// r less a whole multiple of the divisor, still >= 0: the remainder, or what is nearer to it by a mantissa's bits.
Value nearer(Expander &e, Value r, Value divisor) {
  Value gap = e.subInt(exponentField(e, r), exponentField(e, divisor));
  Value up = e.create<arith::MaxSIOp>(e.subInt(gap, e.i(e.mantissa - 1)), e.i(0)), half = e.right(up, e.i(1));
  Value step = e.mul(e.mul(divisor, e.power(half)), e.power(e.subInt(up, half)));
  // Where r is large, step is so too, and both are moved away from overflow.
  Value isLarge = e.greater(r, e.f(e.choose(0x1p500, 0x1p60)));
  Value down = e.select(isLarge, e.f(e.choose(0x1p-600, 0x1p-64)), e.f(1));
  Value back = e.select(isLarge, e.f(e.choose(0x1p600, 0x1p64)), e.f(1));
  Value scaled = e.mul(r, down);
  step = e.mul(step, down);
  Value quotient = e.create<math::TruncOp>(e.div(scaled, step));
  Pair product = e.twoProduct(quotient, step);
  Value rest = e.sub(e.sub(scaled, product.high), product.low);   // both exact
  rest = e.select(e.less(rest, e.f(0)), e.add(rest, step), rest); // the quotient was rounded up to a whole number
  // A lane that has its remainder keeps it; its numbers here may be infinite.
  return e.select(e.compare(arith::CmpFPredicate::OGE, r, divisor), e.mul(rest, back), r);
}
} // namespace

Value graphc::lower::expandRemainder(Expander &e, Value x, Value y) {
  Value size = e.abs(x), divisor = e.abs(y);
  Value isDefined = e.create<arith::AndIOp>(e.less(size, e.f(infinity)), e.greater(divisor, e.f(0)));
  Value start = e.select(isDefined, size, e.f(0));
  divisor = e.select(isDefined, divisor, e.f(1));
  auto loop = e.create<scf::WhileOp>(
      TypeRange{e.real}, ValueRange{start},
      [&](OpBuilder &b, Location location, ValueRange r) {
        Value open = b.create<arith::CmpFOp>(location, arith::CmpFPredicate::OGE, r[0], divisor);
        if (isa<VectorType>(open.getType()))
          open = b.create<vector::ReductionOp>(location, vector::CombiningKind::OR, open);
        b.create<scf::ConditionOp>(location, open, r);
      },
      [&](OpBuilder &b, Location location, ValueRange r) {
        Expander inside(ImplicitLocOpBuilder(location, b), e.real, e.hasFma);
        b.create<scf::YieldOp>(location, nearer(inside, r[0], divisor));
      });
  return e.withSignOf(e.select(isDefined, loop.getResult(0), e.f(notANumber)), x);
}
