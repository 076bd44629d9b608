// Work on the bits of integers. A shift by the width or more is undefined in LLVM: there the amount is replaced by 0
// and the result by 0.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

// bit_not
Value BitNotOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitXor(x[0], b.integer(x[0], -1)); }
Number BitNotOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(~x[0].integer); }

// bit_and
Value BitAndOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitAnd(x[0], x[1]); }
Number BitAndOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(x[0].integer & x[1].integer); }

// bit_or
Value BitOrOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitOr(x[0], x[1]); }
Number BitOrOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(x[0].integer | x[1].integer); }

// bit_xor
Value BitXorOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return b.bitXor(x[0], x[1]); }
Number BitXorOp::evaluateScalar(ArrayRef<Number> x) { return Number::of(x[0].integer ^ x[1].integer); }

/// shift(a, amount), or 0 where the amount is none of 0 .. width-1.
static Value shifted(ScalarBuilder &b, Value amount, llvm::function_ref<Value(Value)> shift) {
  Value zero = b.integer(amount, 0), width = b.integer(amount, amount.getType().getIntOrFloatBitWidth());
  Value fits = b.create<arith::CmpIOp>(arith::CmpIPredicate::ult, amount, width);
  return b.select(fits, shift(b.select(fits, amount, zero)), zero);
}
static bool isShift(const Number &amount) {
  return uint64_t(amount.integer) < 8 * dtypeBytes(amount.dtype); // negative ones are huge
}

// shift_left
Value ShiftLeftOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  return shifted(b, x[1], [&](Value amount) -> Value { return b.create<arith::ShLIOp>(x[0], amount); });
}
Number ShiftLeftOp::evaluateScalar(ArrayRef<Number> x) {
  return Number::of(isShift(x[1]) ? int64_t(uint64_t(x[0].integer) << x[1].integer) : int64_t(0));
}

// shift_right
Value ShiftRightOp::lowerScalar(ScalarBuilder &b, ValueRange x) {
  return shifted(b, x[1], [&](Value amount) -> Value {
    if (b.isUnsigned()) return b.create<arith::ShRUIOp>(x[0], amount);
    return b.create<arith::ShRSIOp>(x[0], amount);
  });
}
Number ShiftRightOp::evaluateScalar(ArrayRef<Number> x) {
  if (!isShift(x[1])) return Number::of(int64_t(0));
  if (x[0].isUnsigned()) return Number::of(int64_t(uint64_t(x[0].integer) >> x[1].integer));
  return Number::of(x[0].integer >> x[1].integer);
}
