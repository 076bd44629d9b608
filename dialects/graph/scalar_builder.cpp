// scalar_builder.h. Division guards its divisor first: dividing by 0, or the least integer by -1, traps on x86.
#include "dialects/graph/scalar_builder.h"

using namespace mlir;

namespace graphc::graph {

Value ScalarBuilder::number(Value x, double value) {
  return create<arith::ConstantOp>(getFloatAttr(x.getType(), value));
}
Value ScalarBuilder::integer(Value x, int64_t value) {
  unsigned width = x.getType().getIntOrFloatBitWidth();
  return create<arith::ConstantOp>(getIntegerAttr(x.getType(), llvm::APInt(width, uint64_t(value), /*isSigned=*/true)));
}

Value ScalarBuilder::compare(Relation relation, Value a, Value b) {
  if (isa<FloatType>(a.getType())) {
    static constexpr arith::CmpFPredicate predicates[] = {arith::CmpFPredicate::OEQ, arith::CmpFPredicate::UNE,
                                                          arith::CmpFPredicate::OLT, arith::CmpFPredicate::OLE,
                                                          arith::CmpFPredicate::OGT, arith::CmpFPredicate::OGE};
    return create<arith::CmpFOp>(predicates[int(relation)], a, b);
  }
  static constexpr arith::CmpIPredicate signedOnes[] = {arith::CmpIPredicate::eq,  arith::CmpIPredicate::ne,
                                                        arith::CmpIPredicate::slt, arith::CmpIPredicate::sle,
                                                        arith::CmpIPredicate::sgt, arith::CmpIPredicate::sge};
  static constexpr arith::CmpIPredicate unsignedOnes[] = {arith::CmpIPredicate::eq,  arith::CmpIPredicate::ne,
                                                          arith::CmpIPredicate::ult, arith::CmpIPredicate::ule,
                                                          arith::CmpIPredicate::ugt, arith::CmpIPredicate::uge};
  return create<arith::CmpIOp>((isUnsigned() ? unsignedOnes : signedOnes)[int(relation)], a, b);
}

Value ScalarBuilder::add(Value a, Value b) {
  if (isa<FloatType>(a.getType())) return create<arith::AddFOp>(a, b);
  return create<arith::AddIOp>(a, b);
}
Value ScalarBuilder::sub(Value a, Value b) {
  if (isa<FloatType>(a.getType())) return create<arith::SubFOp>(a, b);
  return create<arith::SubIOp>(a, b);
}
Value ScalarBuilder::mul(Value a, Value b) {
  if (isa<FloatType>(a.getType())) return create<arith::MulFOp>(a, b);
  return create<arith::MulIOp>(a, b);
}
Value ScalarBuilder::neg(Value x) {
  if (isa<FloatType>(x.getType())) return create<arith::NegFOp>(x);
  return create<arith::SubIOp>(integer(x, 0), x);
}
Value ScalarBuilder::absolute(Value x) {
  if (isa<FloatType>(x.getType())) return create<math::AbsFOp>(x);
  if (isUnsigned()) return x;
  return select(less(x, integer(x, 0)), neg(x), x); // of the least integer: itself
}

/// The lesser (or greater) of floats by comparisons. Equal ones differ in the sign of 0 at most: of both signs the
/// minimum takes either, the maximum the common one.
static Value extremum(ScalarBuilder &b, Value x, Value y, bool isMaximum) {
  Value isX = isMaximum ? b.less(y, x) : b.less(x, y);
  Type bits = b.getIntegerType(x.getType().getIntOrFloatBitWidth());
  Value xBits = b.create<arith::BitcastOp>(bits, x), yBits = b.create<arith::BitcastOp>(bits, y);
  Value both = isMaximum ? b.bitAnd(xBits, yBits) : b.bitOr(xBits, yBits);
  Value ofEqual = b.create<arith::BitcastOp>(x.getType(), both);
  Value areEqual = b.compare(ScalarBuilder::Relation::Equal, x, y);
  Value ordered = b.select(areEqual, ofEqual, b.select(isX, x, y)); // y if it is NaN
  return b.select(b.isNan(x), x, ordered);
}
/// LLVM 19 makes a maximum of f16 out of the f32 one between extensions and a truncation, and then loses the sign of 0.
static bool narrowsExtremum(Dtype dtype) { return dtype == Dtype::F16 || dtype == Dtype::BF16; }

Value ScalarBuilder::minimum(Value a, Value b) {
  if (isReal())
    return narrowsExtremum(operands.back()) ? extremum(*this, a, b, false) : Value(create<arith::MinimumFOp>(a, b));
  if (isUnsigned()) return create<arith::MinUIOp>(a, b);
  return create<arith::MinSIOp>(a, b);
}
Value ScalarBuilder::maximum(Value a, Value b) {
  if (isReal())
    return narrowsExtremum(operands.back()) ? extremum(*this, a, b, true) : Value(create<arith::MaximumFOp>(a, b));
  if (isUnsigned()) return create<arith::MaxUIOp>(a, b);
  return create<arith::MaxSIOp>(a, b);
}

Value ScalarBuilder::divIntegers(Value a, Value b) {
  Value zero = integer(b, 0), one = integer(b, 1);
  Value byZero = create<arith::CmpIOp>(arith::CmpIPredicate::eq, b, zero);
  if (isUnsigned()) return select(byZero, zero, create<arith::DivUIOp>(a, select(byZero, one, b)));
  Value byMinusOne = create<arith::CmpIOp>(arith::CmpIPredicate::eq, b, integer(b, -1));
  Value safe = select(create<arith::OrIOp>(byZero, byMinusOne), one, b);
  Value quotient = select(byMinusOne, neg(a), create<arith::DivSIOp>(a, safe));
  return select(byZero, zero, quotient);
}

Value ScalarBuilder::remIntegers(Value a, Value b) { return sub(a, mul(b, divIntegers(a, b))); }

} // namespace graphc::graph
