// Pass expand-math: exp and tanh of f32 as polynomials in arith and math.fma, scalar or vector alike; measured errors
// stand at each. No table, no branch, no libm. Infinities, NaN, -0 and denormals come out right. Any other math
// function that LLVM would lower to a call of libm is refused here, so that no produced library needs one unseen.
#include "compiler/lower/kernels/build_kernels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace {
/// Scalar or vector f32 arithmetic, by the type of the operand.
struct Expander : ImplicitLocOpBuilder {
  explicit Expander(Operation *op)
      : ImplicitLocOpBuilder(op->getLoc(), op), real(op->getResult(0).getType()), bits(shaped(getI32Type())) {}
  Type real, bits;

  Type shaped(Type element) {
    auto vector = dyn_cast<VectorType>(real);
    return vector ? Type(vector.clone(element)) : element;
  }
  Value constant(Type type, TypedAttr value) {
    auto vector = dyn_cast<VectorType>(type);
    return create<arith::ConstantOp>(vector ? TypedAttr(DenseElementsAttr::get(vector, value)) : value);
  }
  Value f(float value) { return constant(real, getF32FloatAttr(value)); }
  Value i(int32_t value) { return constant(bits, getI32IntegerAttr(value)); }
  Value add(Value a, Value b) { return create<arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return create<arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return create<arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return create<arith::DivFOp>(a, b); }
  Value fma(Value a, Value b, Value c) { return create<math::FmaOp>(a, b, c); }
  Value asBits(Value a) { return create<arith::BitcastOp>(bits, a); }
  Value asReal(Value a) { return create<arith::BitcastOp>(real, a); }
  Value pick(arith::CmpFPredicate predicate, Value a, Value b, Value yes, Value no) {
    return create<arith::SelectOp>(create<arith::CmpFOp>(predicate, a, b), yes, no);
  }
  /// Within bounds; a NaN passes.
  Value atMost(Value x, float bound) { return pick(arith::CmpFPredicate::OLT, f(bound), x, f(bound), x); }
  Value atLeast(Value x, float bound) { return pick(arith::CmpFPredicate::OGT, f(bound), x, f(bound), x); }
  /// c[0] + x (c[1] + x (...)).
  Value polynomial(Value x, ArrayRef<float> c) {
    Value p = f(c.back());
    for (float coefficient : llvm::reverse(c.drop_back())) p = fma(p, x, f(coefficient));
    return p;
  }
  /// 2^n for n in [-126, 127].
  Value power(Value n) { return asReal(create<arith::ShLIOp>(create<arith::AddIOp>(n, i(127)), i(23))); }

  /// x = n ln 2 + r, |r| <= ln 2 / 2: e^r and n. |x| <= 2^20 or NaN.
  std::pair<Value, Value> expParts(Value x) {
    constexpr float shifter = 0x1.8p23f; // adding it leaves the nearest integer in the low bits
    Value t = fma(x, f(1.44269504f), f(shifter));
    Value n = sub(t, f(shifter));
    // ln 2 in two parts; the first has 15 bits, so its product with n is exact even without fma.
    Value r = fma(n, f(-0.693145752f), x);
    r = fma(n, f(-1.42860677e-6f), r);
    Value p = polynomial(r, {1.0f, 1.0f, 0.49999994f, 0.166665196f, 0.0416682623f, 0.0083688572f, 0.00138214475f});
    return {p, create<arith::SubIOp>(asBits(t), asBits(f(shifter)))};
  }

  Value exp(Value x) {
    // Past these bounds the result is inf or 0 all the same. 2^n in two factors reaches inf and the denormals with one
    // rounding.
    auto [p, n] = expParts(atLeast(atMost(x, 89.0f), -105.0f));
    Value half = create<arith::ShRSIOp>(n, i(1));
    return mul(mul(p, power(half)), power(create<arith::SubIOp>(n, half)));
  }

  Value tanh(Value x) {
    Value xBits = asBits(x), sign = create<arith::AndIOp>(xBits, i(INT32_MIN));
    Value size = asReal(create<arith::AndIOp>(xBits, i(INT32_MAX)));
    // Below 0.625 an odd polynomial (Cephes), above it 1 - 2 / (1 + e^2x), which is 1 from 10 on. A NaN takes the
    // second way.
    Value square = mul(size, size);
    Value p = polynomial(
        square, {-3.33332819422e-1f, 1.33314422036e-1f, -5.37397155531e-2f, 2.06390887954e-2f, -5.70498872745e-3f});
    Value small = fma(mul(p, square), size, size);
    Value bounded = atMost(size, 10.0f);
    auto [q, n] = expParts(add(bounded, bounded));
    Value large = sub(f(1.0f), div(f(2.0f), add(mul(q, power(n)), f(1.0f))));
    Value result = pick(arith::CmpFPredicate::OLT, size, f(0.625f), small, large);
    return asReal(create<arith::OrIOp>(asBits(result), sign));
  }
};

bool needsLibm(Operation *op) {
  return isa<math::MathDialect>(op->getDialect()) &&
         !isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp, math::CountLeadingZerosOp,
              math::CountTrailingZerosOp, math::CtPopOp, math::FloorOp, math::FmaOp, math::RoundEvenOp, math::SqrtOp,
              math::TruncOp>(op);
}

struct ExpandMath : PassWrapper<ExpandMath, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandMath)
  StringRef getArgument() const final { return "expand-math"; }
  StringRef getDescription() const final { return "Turn exp and tanh into polynomials"; }
  void runOnOperation() final {
    bool failed = false;
    getOperation().walk([&](Operation *op) {
      if (!needsLibm(op)) return;
      bool isF32 = getElementTypeOrSelf(op->getResult(0).getType()).isF32();
      if (!isF32 || !isa<math::ExpOp, math::TanhOp>(op)) {
        op->emitError() << "'" << op->getName() << "' of this type has no expansion";
        failed = true;
        return;
      }
      Expander e(op);
      Value x = op->getOperand(0);
      op->getResult(0).replaceAllUsesWith(isa<math::ExpOp>(op) ? e.exp(x) : e.tanh(x));
      op->erase();
    });
    if (failed) signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createExpandMathPass() { return std::make_unique<ExpandMath>(); }
