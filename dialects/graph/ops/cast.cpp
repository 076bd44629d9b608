// cast: works on what lies in memory, not on compute types, so that it rounds once (f64 to f16 through f32 would round
// twice). The kernel stage makes float to integer saturate.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult CastOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "cast", adaptor.getOperands(), 0, allDtypes); // (C1)
  if (failed(x)) return failure();
  if (!dtypeOf(adaptor.getDtype())) // (C2)
    return shapeError(location, "G4002", About::theAttribute("dtype"),
                      "'cast' is not defined for " + typeName(adaptor.getDtype()) + ", 'dtype' must be one of f32, " +
                          "f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, bool");
  return addResultType(location, shapeOf(*x), adaptor.getDtype(), About::theOperand(0), types);
}

OpFoldResult CastOp::fold(FoldAdaptor) { return getX().getType() == getType() ? getX() : Value(); }

static bool isUnsignedInMemory(Dtype dtype) { return dtype >= Dtype::U8; } // bool: 0 or 1

static Value convert(ImplicitLocOpBuilder &b, Value x, Dtype from, Dtype to, Type target) {
  bool isNarrow = from == Dtype::F16 || from == Dtype::BF16;
  if (isNarrow && to != Dtype::F64) x = b.create<arith::ExtFOp>(b.getF32Type(), x); // exact
  if (to == Dtype::Bool) {
    Value zero = b.create<arith::ConstantOp>(b.getZeroAttr(x.getType()));
    Value isTrue = isFloat(from) ? Value(b.create<arith::CmpFOp>(arith::CmpFPredicate::UNE, x, zero))
                                 : Value(b.create<arith::CmpIOp>(arith::CmpIPredicate::ne, x, zero));
    return b.create<arith::ExtUIOp>(target, isTrue);
  }
  if (x.getType() == target) return x;
  unsigned width = x.getType().getIntOrFloatBitWidth(), targetWidth = target.getIntOrFloatBitWidth();
  if (isFloat(from) && isFloat(to))
    return width < targetWidth ? Value(b.create<arith::ExtFOp>(target, x))
                               : Value(b.create<arith::TruncFOp>(target, x));
  if (isFloat(from))
    return isUnsignedInMemory(to) ? Value(b.create<arith::FPToUIOp>(target, x))
                                  : Value(b.create<arith::FPToSIOp>(target, x));
  if (isFloat(to))
    return isUnsignedInMemory(from) ? Value(b.create<arith::UIToFPOp>(target, x))
                                    : Value(b.create<arith::SIToFPOp>(target, x));
  if (width > targetWidth) return b.create<arith::TruncIOp>(target, x);
  return isUnsignedInMemory(from) ? Value(b.create<arith::ExtUIOp>(target, x))
                                  : Value(b.create<arith::ExtSIOp>(target, x));
}

FailureOr<SmallVector<Value>> CastOp::lower(Lowering &lowering) {
  Dtype from = lowering.operandDtype(0), to = lowering.resultDtype();
  if (from == to) return SmallVector<Value>{lowering.in[0]};
  Type target = lowering.plainElement(to);
  return SmallVector<Value>{
      lowering.elementwise(lowering.in[0], lowering.operandShape(0), lowering.resultShape(), target,
                           [&](ImplicitLocOpBuilder &b, ValueRange x) { return convert(b, x[0], from, to, target); })};
}

LogicalResult CastOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  Dtype to = results[0].dtype;
  return evaluateElementwise(operands, [&](ArrayRef<Number> x) { return converted(x[0], to); }, results[0]);
}

Dim CastOp::flops() { return 0; }
Value CastOp::transpose(RuleBuilder &b, unsigned, ValueRange ct) {
  return b.cast(ct[0], typeOf(getX()).getElementType());
}
