// Pass expand-math: the functions of the math dialect in f32 and f64, scalar or vector alike, become arith and math.fma
// (expand_*.cpp, one file per family). No libm. Any other function that LLVM would lower to a call of libm is
// refused here, so that no produced library needs one unseen.
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/kernels/build_kernels.h"
#include "compiler/lower/kernels/math_families.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace graphc;
using namespace graphc::lower;

namespace {
using Unary = Value (*)(Expander &, Value);
using Binary = Value (*)(Expander &, Value, Value);

Value expandRsqrt(Expander &e, Value x) { return e.div(e.f(1), e.sqrt(x)); }

Unary unaryExpansion(StringRef function) {
  return llvm::StringSwitch<Unary>(function)
      .Case("math.exp", expandExp)
      .Case("math.expm1", expandExpm1)
      .Case("math.sinh", expandSinh)
      .Case("math.cosh", expandCosh)
      .Case("math.tanh", expandTanh)
      .Case("math.log", expandLog)
      .Case("math.log1p", expandLog1p)
      .Case("math.asinh", expandAsinh)
      .Case("math.acosh", expandAcosh)
      .Case("math.atanh", expandAtanh)
      .Case("math.sin", expandSin)
      .Case("math.cos", expandCos)
      .Case("math.tan", expandTan)
      .Case("math.asin", expandAsin)
      .Case("math.acos", expandAcos)
      .Case("math.atan", expandAtan)
      .Case("math.erf", expandErf)
      .Case("math.rsqrt", expandRsqrt)
      .Default(nullptr);
}

Binary binaryExpansion(StringRef function) {
  return llvm::StringSwitch<Binary>(function)
      .Case("math.atan2", expandAtan2)
      .Case("math.powf", expandPow)
      .Case("arith.remf", expandRemainder)
      .Default(nullptr);
}

/// Whether LLVM would call libm for it.
bool needsLibm(Operation *op) {
  if (isa<arith::RemFOp>(op)) return true;
  return isa<math::MathDialect>(op->getDialect()) &&
         !isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp, math::CountLeadingZerosOp,
              math::CountTrailingZerosOp, math::CtPopOp, math::FloorOp, math::FmaOp, math::RoundEvenOp, math::SqrtOp,
              math::TruncOp>(op);
}

/// The value of the function; null: it has no expansion.
Value expand(Operation *op, const support::IsaLevel &level) {
  Type type = op->getResult(0).getType(), element = getElementTypeOrSelf(type);
  if (!element.isF32() && !element.isF64()) return {};
  Expander e(op, type, level.fma, level.scalef);
  StringRef name = op->getName().getStringRef();
  if (op->hasAttr(neverPositiveAttr)) return expandExpOfNegative(e, op->getOperand(0));
  if (Unary unary = unaryExpansion(name)) return unary(e, op->getOperand(0));
  if (Binary binary = binaryExpansion(name)) return binary(e, op->getOperand(0), op->getOperand(1));
  return {};
}

struct ExpandMath : PassWrapper<ExpandMath, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandMath)
  StringRef getArgument() const final { return "expand-math"; }
  StringRef getDescription() const final { return "Turn math functions into arithmetic"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry
        .insert<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect, scf::SCFDialect, vector::VectorDialect>();
  }
  void runOnOperation() final {
    SmallVector<Operation *> functions;
    getOperation().walk([&](Operation *op) {
      if (needsLibm(op)) functions.push_back(op);
    });
    bool failed = false;
    for (Operation *op : functions) {
      if (Value value = expand(op, levelOf(op))) {
        op->getResult(0).replaceAllUsesWith(value);
        op->erase();
        continue;
      }
      op->emitError() << "'" << op->getName() << "' of this type has no expansion";
      failed = true;
    }
    if (failed) signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createExpandMathPass() { return std::make_unique<ExpandMath>(); }
