// What the scalar function of an elementwise op builds with: numbers of the operands' compute type (f32 for f16 and
// bf16, i1 for bool) and the few forms that floats, signed and unsigned integers spell differently.
#pragma once
#include "dialects/graph/element_type.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace graphc::graph {

class ScalarBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  ScalarBuilder(mlir::Location location, mlir::OpBuilder &builder, llvm::ArrayRef<Dtype> operands, Dtype result)
      : ImplicitLocOpBuilder(location, builder), operands(operands), result(result) {}

  llvm::ArrayRef<Dtype> operands; // dtypes
  Dtype result;

  /// Kind of the last operand's values (of one dtype with the others but for conditions).
  bool isReal() const { return isFloat(operands.back()); }
  bool isUnsigned() const { return operands.back() >= Dtype::U8; }

  /// The number as a scalar of x's type.
  Value number(Value x, double value);
  Value integer(Value x, int64_t value);

  /// Comparison that is false beside a NaN (but for ne, which is true).
  enum class Relation { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };
  Value compare(Relation relation, Value a, Value b);
  Value less(Value a, Value b) { return compare(Relation::Less, a, b); }
  Value isNan(Value x) { return create<mlir::arith::CmpFOp>(mlir::arith::CmpFPredicate::UNO, x, x); }
  Value select(Value condition, Value yes, Value no) { return create<mlir::arith::SelectOp>(condition, yes, no); }

  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value neg(Value x);
  Value absolute(Value x);
  /// Floats only.
  Value div(Value a, Value b) { return create<mlir::arith::DivFOp>(a, b); }
  Value exp(Value x) { return create<mlir::math::ExpOp>(x); }
  /// NaN if either is; -0 < 0.
  Value minimum(Value a, Value b);
  Value maximum(Value a, Value b);
  Value bitAnd(Value a, Value b) { return create<mlir::arith::AndIOp>(a, b); }
  Value bitOr(Value a, Value b) { return create<mlir::arith::OrIOp>(a, b); }
  Value bitXor(Value a, Value b) { return create<mlir::arith::XOrIOp>(a, b); }
  /// Rounded to zero; a / 0 = 0 and least / -1 = least. Integers only.
  Value divIntegers(Value a, Value b);
  /// a - b * divIntegers(a, b). Integers only.
  Value remIntegers(Value a, Value b);
};

} // namespace graphc::graph
