// What the expansions of math functions share: f32 or f64 arithmetic, scalar or vector by the type of the operand, and
// numbers carried as an unevaluated sum of two (Pair). Where the level has no fma, fma() is a product and a sum and
// twoProduct() splits its factors, so no expansion may count on fma being exact: it asks for a Pair instead.
#pragma once
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <limits>

namespace graphc::lower {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// high + low, |low| <= half the spacing at high.
struct Pair {
  mlir::Value high, low;
};

class Expander : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  /// Inserts before `op`; `real` is the type computed in: f32, f64 or a vector of either.
  Expander(mlir::Operation *op, mlir::Type real, bool hasFma, bool hasScalef = false)
      : Expander(mlir::ImplicitLocOpBuilder(op->getLoc(), op), real, hasFma, hasScalef) {}
  /// Inserts where `at` does.
  Expander(const mlir::ImplicitLocOpBuilder &at, mlir::Type real, bool hasFma, bool hasScalef = false);

  const mlir::Type real, bits; // bits: the signless integers of the same width and shape
  const bool wide, hasFma;     // wide: f64
  const bool hasScalef;        // f32, at a level with instructions that scale and look up a whole register
  const int mantissa;          // bits of the mantissa after the point: 23 or 52

  /// `real` with another element type.
  mlir::Type shaped(mlir::Type element) const;
  Value constant(mlir::Type type, mlir::TypedAttr value);
  Value f(double value);  // rounded to the type
  Value i(int64_t value); // of the type `bits`
  Value i64(int64_t value);
  /// `forF64` or `forF32`, by the type.
  double choose(double forF64, double forF32) const { return wide ? forF64 : forF32; }

  Value add(Value a, Value b) { return create<mlir::arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return create<mlir::arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return create<mlir::arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return create<mlir::arith::DivFOp>(a, b); }
  Value neg(Value a) { return create<mlir::arith::NegFOp>(a); }
  Value sqrt(Value a) { return create<mlir::math::SqrtOp>(a); }
  Value abs(Value a) { return create<mlir::math::AbsFOp>(a); }
  Value withSignOf(Value magnitude, Value sign) { return create<mlir::math::CopySignOp>(magnitude, sign); }
  /// a b + c, rounded once or twice.
  Value fma(Value a, Value b, Value c);

  Value asBits(Value a) { return create<mlir::arith::BitcastOp>(bits, a); }
  Value asReal(Value a) { return create<mlir::arith::BitcastOp>(real, a); }
  Value addInt(Value a, Value b) { return create<mlir::arith::AddIOp>(a, b); }
  Value subInt(Value a, Value b) { return create<mlir::arith::SubIOp>(a, b); }
  Value mulInt(Value a, Value b) { return create<mlir::arith::MulIOp>(a, b); }
  Value bitAnd(Value a, Value b) { return create<mlir::arith::AndIOp>(a, b); }
  Value bitOr(Value a, Value b) { return create<mlir::arith::OrIOp>(a, b); }
  Value bitXor(Value a, Value b) { return create<mlir::arith::XOrIOp>(a, b); }
  Value left(Value a, Value by) { return create<mlir::arith::ShLIOp>(a, by); }
  Value right(Value a, Value by) { return create<mlir::arith::ShRUIOp>(a, by); }
  Value rightSigned(Value a, Value by) { return create<mlir::arith::ShRSIOp>(a, by); }

  Value compare(mlir::arith::CmpFPredicate predicate, Value a, Value b) {
    return create<mlir::arith::CmpFOp>(predicate, a, b);
  }
  Value less(Value a, Value b) { return compare(mlir::arith::CmpFPredicate::OLT, a, b); } // false with a NaN
  Value greater(Value a, Value b) { return compare(mlir::arith::CmpFPredicate::OGT, a, b); }
  Value equal(Value a, Value b) { return compare(mlir::arith::CmpFPredicate::OEQ, a, b); }
  Value equalInt(Value a, Value b) { return create<mlir::arith::CmpIOp>(mlir::arith::CmpIPredicate::eq, a, b); }
  Value select(Value condition, Value yes, Value no) { return create<mlir::arith::SelectOp>(condition, yes, no); }
  /// Within bounds; a NaN passes.
  Value atMost(Value x, double bound) { return select(less(f(bound), x), f(bound), x); }
  Value atLeast(Value x, double bound) { return select(greater(f(bound), x), f(bound), x); }

  /// c[0] + x (c[1] + x (...)).
  Value polynomial(Value x, llvm::ArrayRef<double> c);
  Value polynomial(Value x, llvm::ArrayRef<double> forF64, llvm::ArrayRef<double> forF32) {
    return polynomial(x, wide ? forF64 : forF32);
  }
  /// 2^n for a whole n whose power is a normal number.
  Value power(Value n);
  /// What `compute` makes of x in a whole register of f32, other lanes being 0: the same bits for every count of lanes.
  /// x: a number or up to 16 of them, where hasScalef.
  Value inRegister(Value x, llvm::function_ref<Value(Expander &, Value)> compute);
  /// In a whole register: p 2^floor(n), rounded once, for any n; and the numbers of a table of 16 at the low four bits.
  Value scalef(Value p, Value n);
  Value lookUp(Value bitsOfIndex, llvm::ArrayRef<float> table);
  /// 1.5 * 2^mantissa: adding it to |x| < 2^(mantissa - 1) leaves the nearest whole number in the low bits.
  double shifter() const { return choose(0x1.8p52, 0x1.8p23); }
  /// A whole number |n| < 2^(mantissa - 1) as a real.
  Value toReal(Value n) { return sub(asReal(addInt(n, asBits(f(shifter())))), f(shifter())); }

  /// a + b exactly; fast: |a| >= |b| or a = 0.
  Pair twoSum(Value a, Value b);
  Pair fastTwoSum(Value a, Value b);
  /// a b exactly, unless it overflows, underflows or, without fma, |a| or |b| > 2^(996 or 115).
  Pair twoProduct(Value a, Value b);
  /// low as well: a b to about 2 mantissa bits.
  Pair product(Pair a, Pair b);
  /// a / b, its low part good to a few bits.
  Pair quotient(Pair a, Pair b);

private:
  Pair split(Value a);
};

} // namespace graphc::lower
