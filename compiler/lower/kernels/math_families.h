// The expansions by family, one file each (expand_exp.cpp, ...): a value of e.real becomes the function's value. Every
// function takes any number: NaN stays NaN, infinities, -0, denormals and huge arguments come out as C's libm has them.
// docs/math_functions.md has the measured errors.
#pragma once
#include "compiler/lower/kernels/expander.h"

namespace graphc::lower {

/// On a math.exp whose operand is never above 0, or NaN.
constexpr llvm::StringLiteral neverPositiveAttr = "kern.never_positive";

/// e^(x + low) = p 2^n.
struct ExpParts {
  mlir::Value p, n;
};
/// |x| up to 2^20 (f64) or 2^7 (f32), or NaN; low may be null.
ExpParts expParts(Expander &e, mlir::Value x, mlir::Value low = {});
/// p 2^n with one rounding where it is a denormal; n within twice the exponent's range.
mlir::Value scale(Expander &e, const ExpParts &parts);
mlir::Value expandExp(Expander &e, mlir::Value x);
/// The same where x is never above 0.
mlir::Value expandExpOfNegative(Expander &e, mlir::Value x);
mlir::Value expandExpm1(Expander &e, mlir::Value x);
mlir::Value expandSinh(Expander &e, mlir::Value x);
mlir::Value expandCosh(Expander &e, mlir::Value x);
mlir::Value expandTanh(Expander &e, mlir::Value x);

mlir::Value expandLog(Expander &e, mlir::Value x);
mlir::Value expandLog1p(Expander &e, mlir::Value x);
mlir::Value expandAsinh(Expander &e, mlir::Value x);
mlir::Value expandAcosh(Expander &e, mlir::Value x);
mlir::Value expandAtanh(Expander &e, mlir::Value x);

/// x = m 2^k, m in [sqrt(1/2), sqrt(2)), k as a real; x > 0 and normal.
struct LogParts {
  mlir::Value k, m;
};
LogParts logParts(Expander &e, mlir::Value x);
mlir::Value expandPow(Expander &e, mlir::Value x, mlir::Value y);

mlir::Value expandSin(Expander &e, mlir::Value x);
mlir::Value expandCos(Expander &e, mlir::Value x);
mlir::Value expandTan(Expander &e, mlir::Value x);

/// An angle as a multiple of pi / 2 and the rest.
struct ReducedAngle {
  Pair rest;            // within pi / 4 and a little
  mlir::Value quadrant; // its two low bits count
};
/// |x| from 2^12 (f32) or 2^25 (f64) on, finite, to the last bit: with as many digits of 2 / pi as x needs.
ReducedAngle reduceLargeAngle(Expander &e, mlir::Value x);

mlir::Value expandAsin(Expander &e, mlir::Value x);
mlir::Value expandAcos(Expander &e, mlir::Value x);
mlir::Value expandAtan(Expander &e, mlir::Value x);
mlir::Value expandAtan2(Expander &e, mlir::Value y, mlir::Value x);

/// x less y times their quotient rounded towards zero.
mlir::Value expandRemainder(Expander &e, mlir::Value x, mlir::Value y);

mlir::Value expandErf(Expander &e, mlir::Value x);

} // namespace graphc::lower
