// Pass expand-conversions: what the hardware or LLVM lacks between number types, by integer code without a branch, so
// that no call of compiler-rt or libgcc is left and no conversion is undefined.
// - Arithmetic on f16 and bf16 becomes arithmetic on f32 between an extension and a truncation.
// - f16 and bf16 to f32 and back, to the nearest, ties to even; f16 stays LLVM's where the level converts it (F16C).
//   From f64 and from integers it rounds once: the step before the last rounds to odd.
// - float to integer saturates, NaN gives 0.
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/kernels/build_kernels.h"
#include "compiler/lower/kernels/expander.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace graphc;
using namespace graphc::lower;

namespace {
bool isNarrowFloat(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16();
}

Type withElement(Type like, Type element) {
  auto vector = dyn_cast<VectorType>(like);
  return vector ? Type(vector.clone(element)) : element;
}

/// One conversion `op`, done in f32 or f64 (`real`).
struct Conversion : Expander {
  Conversion(Operation *op, Type element, bool f16c)
      : Expander(op, withElement(op->getResult(0).getType(), element), /*hasFma=*/false), f16c(f16c) {}
  bool f16c;

  Value greaterInt(Value a, Value b) { return create<arith::CmpIOp>(arith::CmpIPredicate::ugt, a, b); }
  /// The bits of a 16-bit float in an i32, and back.
  Value bitsOfNarrow(Value narrow) {
    return create<arith::ExtUIOp>(bits, create<arith::BitcastOp>(shaped(getI16Type()), narrow).getResult());
  }
  Value narrowOfBits(Type type, Value value) {
    return create<arith::BitcastOp>(type, create<arith::TruncIOp>(shaped(getI16Type()), value).getResult());
  }

  Value fromBF16(Value x) { return asReal(left(bitsOfNarrow(x), i(16))); }

  Value fromF16(Value x) {
    if (f16c) return create<arith::ExtFOp>(real, x);
    Value h = bitsOfNarrow(x), size = bitAnd(h, i(0x7fff)), moved = left(size, i(13));
    Value value = asBits(mul(asReal(moved), f(0x1p112))); // the bias put right; denormals are made normal
    Value quiet = select(greaterInt(size, i(0x7c00)), i(0x7fc00000), i(0x7f800000));
    value = select(greaterInt(size, i(0x7bff)), bitOr(moved, quiet), value);
    return asReal(bitOr(value, left(bitAnd(h, i(0x8000)), i(16))));
  }

  Value toBF16(Type type, Value x) {
    Value b = asBits(x), top = right(b, i(16));
    Value rounded = right(addInt(b, addInt(i(0x7fff), bitAnd(top, i(1)))), i(16));
    Value isNan = compare(arith::CmpFPredicate::UNO, x, x);
    return narrowOfBits(type, select(isNan, bitOr(top, i(0x40)), rounded));
  }

  Value toF16(Type type, Value x) {
    if (f16c) return create<arith::TruncFOp>(type, x);
    Value b = asBits(x), size = bitAnd(b, i(0x7fffffff));
    Value odd = bitAnd(right(size, i(13)), i(1));
    Value normal = right(addInt(size, addInt(odd, i(0xfff - (112 << 23)))), i(13)); // a carry makes the next exponent
    // Beside 0.5 the spacing is that of f16's denormals: the sum rounds to it.
    Value denormal = subInt(asBits(add(asReal(size), f(0.5))), asBits(f(0.5)));
    Value result = select(greaterInt(i(0x38800000), size), denormal, normal);
    result = select(greaterInt(size, i(0x477fffff)), i(0x7c00), result);
    Value nan = bitOr(bitAnd(right(size, i(13)), i(0x3ff)), i(0x7e00));
    result = select(greaterInt(size, i(0x7f800000)), nan, result);
    return narrowOfBits(type, bitOr(result, bitAnd(right(b, i(16)), i(0x8000))));
  }

  Value toNarrow(Type type, Value x) { return getElementTypeOrSelf(type).isF16() ? toF16(type, x) : toBF16(type, x); }
  Value fromNarrow(Value x) { return getElementTypeOrSelf(x.getType()).isF16() ? fromF16(x) : fromBF16(x); }

  /// f64 to f32 with the last bit set if anything was lost: whatever rounds this rounds as it would round the f64.
  Value roundToOdd(Value x) {
    Value nearest = create<arith::TruncFOp>(real, x), back = create<arith::ExtFOp>(x.getType(), nearest);
    Value isAway = greater(create<math::AbsFOp>(back), create<math::AbsFOp>(x));
    Value towardsZero = select(isAway, subInt(asBits(nearest), i(1)), asBits(nearest));
    Value lost = compare(arith::CmpFPredicate::ONE, back, x);
    return asReal(select(lost, bitOr(towardsZero, i(1)), towardsZero));
  }

  /// An i64 of whatever sign with at most 53 bits before trailing zeros, rounded to odd: exact in f64.
  Value roundToOdd53(Value x, bool isSigned) {
    Type type = x.getType();
    auto whole = [&](int64_t value) { return constant(type, getI64IntegerAttr(value)); };
    Value lost = create<arith::CmpIOp>(arith::CmpIPredicate::ne, bitAnd(x, whole(0x7ff)), whole(0));
    Value odd = bitAnd(x, whole(~int64_t(0x7ff)));
    odd = select(lost, bitOr(odd, whole(0x800)), odd);
    // Only where it has more bits.
    Value top = isSigned ? rightSigned(x, whole(53)) : right(x, whole(53));
    Value fits = equalInt(top, whole(0));
    if (isSigned) fits = create<arith::OrIOp>(fits, equalInt(top, whole(-1)));
    return select(fits, x, odd);
  }

  template <typename Convert> Value fromInteger(Type type, Value x) {
    constexpr bool isSigned = std::is_same_v<Convert, arith::SIToFPOp>;
    unsigned width = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
    // f16 ends below 2^16, where f32 is exact; so it is on 16-bit integers.
    if (getElementTypeOrSelf(type).isF16() || width <= 16) return toNarrow(type, create<Convert>(real, x));
    if (width > 53) x = roundToOdd53(x, isSigned);
    return toNarrow(type, roundToOdd(create<Convert>(shaped(getF64Type()), x)));
  }

  /// x, of the type `real`, to the integers of `type`.
  Value toInteger(Type type, Value x, bool isSigned) {
    unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth(), digits = isSigned ? width - 1 : width;
    double past = std::ldexp(1.0, digits), low = isSigned ? -past : 0;
    bool isExact = digits <= unsigned(mantissa + 1); // the largest integer is one of the reals
    double high = isExact ? past - 1 : wide ? std::nextafter(past, 0.0) : std::nextafter(float(past), 0.0f);
    Value bounded = atLeast(atMost(x, high), low);
    bounded = select(compare(arith::CmpFPredicate::UNO, x, x), f(0), bounded);
    Type integer = width < 32 ? shaped(getI32Type()) : type;
    Value result = isSigned || width < 32 ? create<arith::FPToSIOp>(integer, bounded).getResult()
                                          : create<arith::FPToUIOp>(integer, bounded).getResult();
    if (width < 32) return create<arith::TruncIOp>(type, result);
    if (isExact) return result;
    llvm::APInt largest = isSigned ? llvm::APInt::getSignedMaxValue(width) : llvm::APInt::getMaxValue(width);
    Value most = constant(type, getIntegerAttr(getElementTypeOrSelf(type), largest));
    return select(compare(arith::CmpFPredicate::OGE, x, f(past)), most, result);
  }
};

/// Arithmetic on f16 or bf16: the same on f32 between extensions and a truncation.
void promote(Operation *op) {
  OpBuilder b(op);
  auto promoted = [&](Type type) { return isNarrowFloat(type) ? withElement(type, b.getF32Type()) : type; };
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isNarrowFloat(operand.getType())
                           ? b.create<arith::ExtFOp>(op->getLoc(), promoted(operand.getType()), operand).getResult()
                           : operand);
  Operation *inF32 = b.clone(*op);
  inF32->setOperands(operands);
  for (auto [old, result] : llvm::zip_equal(op->getResults(), inF32->getResults())) {
    Type type = old.getType();
    result.setType(promoted(type));
    Value back =
        isNarrowFloat(type) ? b.create<arith::TruncFOp>(op->getLoc(), type, result).getResult() : Value(result);
    old.replaceAllUsesWith(back);
  }
  op->erase();
}

bool needsPromotion(Operation *op) {
  StringRef dialect = op->getName().getDialectNamespace();
  if ((dialect != "arith" && dialect != "math") ||
      isa<arith::ConstantOp, arith::BitcastOp, arith::SelectOp, arith::ExtFOp, arith::TruncFOp, arith::SIToFPOp,
          arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp>(op))
    return false;
  return llvm::any_of(op->getOperandTypes(), isNarrowFloat) || llvm::any_of(op->getResultTypes(), isNarrowFloat);
}

Value extend(arith::ExtFOp op, bool f16c) {
  Value x = op.getIn();
  if (!isNarrowFloat(x.getType())) return {};
  Conversion c(op, FloatType::getF32(op.getContext()), f16c);
  Value inF32 = c.fromNarrow(x);
  return inF32.getType() == op.getType() ? inF32 : c.create<arith::ExtFOp>(op.getType(), inF32).getResult();
}

Value truncate(arith::TruncFOp op, bool f16c) {
  if (!isNarrowFloat(op.getType())) return {};
  Conversion c(op, FloatType::getF32(op.getContext()), f16c);
  Value x = op.getIn();
  if (isNarrowFloat(x.getType())) x = c.fromNarrow(x); // f16 to bf16 or back
  return c.toNarrow(op.getType(), getElementTypeOrSelf(x.getType()).isF64() ? c.roundToOdd(x) : x);
}

template <typename Convert> Value fromInteger(Convert op, bool f16c) {
  if (!isNarrowFloat(op.getType())) return {};
  Conversion c(op, FloatType::getF32(op.getContext()), f16c);
  return c.template fromInteger<Convert>(op.getType(), op.getIn());
}

Value toInteger(Operation *op, bool isSigned, bool f16c) {
  Value x = op->getOperand(0);
  bool isWide = getElementTypeOrSelf(x.getType()).isF64();
  MLIRContext *context = op->getContext();
  Conversion c(op, isWide ? Type(FloatType::getF64(context)) : FloatType::getF32(context), f16c);
  return c.toInteger(op->getResult(0).getType(), isNarrowFloat(x.getType()) ? c.fromNarrow(x) : x, isSigned);
}

/// The value in the op's place; null: it stays.
Value expand(Operation *op, bool f16c) {
  if (auto extension = dyn_cast<arith::ExtFOp>(op)) return extend(extension, f16c);
  if (auto truncation = dyn_cast<arith::TruncFOp>(op)) return truncate(truncation, f16c);
  if (auto conversion = dyn_cast<arith::SIToFPOp>(op)) return fromInteger(conversion, f16c);
  if (auto conversion = dyn_cast<arith::UIToFPOp>(op)) return fromInteger(conversion, f16c);
  return toInteger(op, isa<arith::FPToSIOp>(op), f16c);
}

struct ExpandConversions : PassWrapper<ExpandConversions, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandConversions)
  StringRef getArgument() const final { return "expand-conversions"; }
  StringRef getDescription() const final { return "Turn conversions of number types into what the level has"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }
  void runOnOperation() final {
    SmallVector<Operation *> narrow, conversions; // collected first: their expansions are final
    getOperation().walk([&](Operation *op) {
      if (needsPromotion(op)) narrow.push_back(op);
    });
    for (Operation *op : narrow) promote(op);
    getOperation().walk([&](Operation *op) {
      if (isa<arith::ExtFOp, arith::TruncFOp, arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp>(op))
        conversions.push_back(op);
    });
    for (Operation *op : conversions)
      if (Value value = expand(op, levelOf(op).f16c)) {
        op->getResult(0).replaceAllUsesWith(value);
        op->erase();
      }
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createExpandConversionsPass() { return std::make_unique<ExpandConversions>(); }
