// Pass expand-small-floats: after it f16 and bf16 are i16 everywhere, in memory, in vectors and in constants;
// arithmetic is f32's. Conversions become integer code where the level has no instruction for them (bf16 everywhere,
// f16 at x86-64-v2) or LLVM would call libgcc (f64 to 16 bits); any other operation on 16-bit floats is done in f32 and
// rounded once. f64 goes through an f32 rounded to odd, so that the second rounding is the only one that counts. The
// type itself must go: LLVM moves a masked or scalar bf16 through f32 and back, by a call.
#include "compiler/lower/kernels/build_kernels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace graphc;

namespace {
bool isSmall(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16();
}
bool hasSmall(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), isSmall) || llvm::any_of(op->getResultTypes(), isSmall);
}

/// Scalars or vectors, by the shape of the op's result.
struct SmallFloats : ImplicitLocOpBuilder {
  SmallFloats(Operation *op, bool hasF16) : ImplicitLocOpBuilder(op->getLoc(), op), hasF16(hasF16) {
    vector = dyn_cast<VectorType>(op->getResult(0).getType());
  }
  VectorType vector; // null: scalars
  bool hasF16;

  Type shaped(Type element) { return vector ? Type(vector.clone(element)) : element; }
  Value i(int64_t value, unsigned width = 32) {
    TypedAttr number = getIntegerAttr(getIntegerType(width), APInt(width, uint64_t(value)));
    Type type = shaped(number.getType());
    return create<arith::ConstantOp>(vector ? TypedAttr(DenseElementsAttr::get(cast<ShapedType>(type), number))
                                            : number);
  }
  Value bits(Value x) {
    return create<arith::BitcastOp>(shaped(getIntegerType(getElementTypeOrSelf(x).getIntOrFloatBitWidth())), x);
  }
  Value as(Type element, Value x) { return create<arith::BitcastOp>(shaped(element), x); }
  Value plus(Value a, Value b) { return create<arith::AddIOp>(a, b); }
  Value minus(Value a, Value b) { return create<arith::SubIOp>(a, b); }
  Value both(Value a, Value b) { return create<arith::AndIOp>(a, b); }
  Value either(Value a, Value b) { return create<arith::OrIOp>(a, b); }
  Value left(Value a, int64_t by) { return create<arith::ShLIOp>(a, i(by)); }
  Value right(Value a, int64_t by) { return create<arith::ShRUIOp>(a, i(by)); }
  Value pick(arith::CmpIPredicate predicate, Value a, Value b, Value yes, Value no) {
    return create<arith::SelectOp>(create<arith::CmpIOp>(predicate, a, b), yes, no);
  }
  Value wide(Value x) { return create<arith::ExtUIOp>(shaped(getI32Type()), x); }
  Value narrow(Value x) { return create<arith::TruncIOp>(shaped(getIntegerType(16)), x); }

  /// To f32, exactly.
  Value extend(Value x) {
    Type element = getElementTypeOrSelf(x);
    if (element.isBF16()) return as(getF32Type(), left(wide(bits(x)), 16));
    if (hasF16) return create<arith::ExtFOp>(shaped(getF32Type()), x);
    Value h = wide(bits(x)), sign = left(both(h, i(0x8000)), 16);
    Value shifted = left(both(h, i(0x7fff)), 13), exponent = both(shifted, i(0x0f800000));
    Value normal = plus(shifted, i(int64_t(112) << 23));
    Value infinite = plus(normal, i(int64_t(112) << 23));
    // A denormal: as if its exponent were 1, then the implied bit taken away by a subtraction.
    Value denormal = bits(create<arith::SubFOp>(as(getF32Type(), plus(normal, i(int64_t(1) << 23))),
                                                as(getF32Type(), i(int64_t(113) << 23))));
    Value result = pick(arith::CmpIPredicate::eq, exponent, i(0), denormal, normal);
    result = pick(arith::CmpIPredicate::eq, exponent, i(0x0f800000), infinite, result);
    return as(getF32Type(), either(result, sign));
  }

  /// From f32 to the nearest, ties to even.
  Value round(Value x, Type element) {
    if (element.isF16() && hasF16) return create<arith::TruncFOp>(shaped(element), x);
    Value f = bits(x), size = both(f, i(0x7fffffff)), isNan = i(0x7f800000);
    auto unlessNan = [&](Value nan, Value value) { return pick(arith::CmpIPredicate::ugt, size, isNan, nan, value); };
    if (element.isBF16()) {
      Value rounded = right(plus(plus(f, i(0x7fff)), both(right(f, 16), i(1))), 16);
      return as(element, narrow(unlessNan(either(right(f, 16), i(0x40)), rounded)));
    }
    Value normal = right(plus(plus(size, i(0xfff - (int64_t(112) << 23))), both(right(size, 13), i(1))), 13);
    // Adding 0.5 leaves the denormal's bits at the end of the mantissa, rounded by the addition.
    Value half = i(int64_t(126) << 23);
    Value denormal = minus(bits(create<arith::AddFOp>(as(getF32Type(), size), as(getF32Type(), half))), half);
    Value result = pick(arith::CmpIPredicate::ult, size, i(int64_t(113) << 23), denormal, normal);
    result = pick(arith::CmpIPredicate::uge, size, i(int64_t(143) << 23), i(0x7c00), result);
    result = unlessNan(either(both(right(size, 13), i(0x3ff)), i(0x7e00)), result);
    return as(element, narrow(either(result, right(both(f, i(0x80000000)), 16))));
  }

  /// f64 to f32, where an inexact result has its last bit set: no later rounding to fewer bits can go wrong by it.
  Value roundToOdd(Value x) {
    Value nearest = create<arith::TruncFOp>(shaped(getF32Type()), x), f = bits(nearest);
    Value back = create<arith::ExtFOp>(x.getType(), nearest);
    Value exact = create<arith::CmpFOp>(arith::CmpFPredicate::UEQ, back, x); // NaN too
    auto size = [&](Value value) { return create<math::AbsFOp>(value); };
    Value isAbove = create<arith::CmpFOp>(arith::CmpFPredicate::OGT, size(back), size(x));
    Value other = create<arith::SelectOp>(isAbove, minus(f, i(1)), plus(f, i(1)));
    Value odd = pick(arith::CmpIPredicate::eq, both(f, i(1)), i(0), other, f);
    return as(getF32Type(), create<arith::SelectOp>(exact, f, odd));
  }

  Value toF32(Value x) { return isSmall(x.getType()) ? extend(x) : x; }

  void expand(Operation *op) {
    if (isa<arith::ExtFOp>(op)) {
      Value result = extend(op->getOperand(0));
      if (result.getType() != op->getResult(0).getType())
        result = create<arith::ExtFOp>(op->getResult(0).getType(), result);
      return replace(op, result);
    }
    Type element = getElementTypeOrSelf(op->getResult(0));
    if (isa<arith::TruncFOp>(op)) {
      Value x = op->getOperand(0);
      return replace(op, round(getElementTypeOrSelf(x).isF64() ? roundToOdd(x) : toF32(x), element));
    }
    if (auto select = dyn_cast<arith::SelectOp>(op)) {
      Value chosen =
          create<arith::SelectOp>(select.getCondition(), bits(select.getTrueValue()), bits(select.getFalseValue()));
      return replace(op, as(element, chosen));
    }
    Operation *copy = insert(op->clone());
    for (OpOperand &operand : copy->getOpOperands()) operand.set(toF32(operand.get()));
    copy->moveBefore(op); // after the operands' conversions
    Value result = copy->getResult(0);
    if (isSmall(result.getType())) {
      result.setType(shaped(getF32Type()));
      result = round(result, element);
    }
    replace(op, result);
  }

  static void replace(Operation *op, Value value) {
    op->getResult(0).replaceAllUsesWith(value);
    op->erase();
  }
};

Type asBits(Type type) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    return isSmall(shaped.getElementType()) ? shaped.clone(asBits(shaped.getElementType())) : type;
  return isSmall(type) ? IntegerType::get(type.getContext(), 16) : type;
}

Attribute asBits(Attribute constant) {
  if (auto elements = dyn_cast<DenseElementsAttr>(constant))
    return isSmall(elements.getType()) ? elements.bitcast(IntegerType::get(constant.getContext(), 16)) : constant;
  auto number = dyn_cast<FloatAttr>(constant);
  if (!number || !isSmall(number.getType())) return constant;
  return IntegerAttr::get(asBits(number.getType()), number.getValue().bitcastToAPInt());
}

/// A bitcast between two names of the same bits is none; the processor's f16 to f32 takes a real f16.
void joinCasts(Operation *op) {
  if (auto cast = dyn_cast<arith::BitcastOp>(op); cast && cast.getType() == cast.getIn().getType()) {
    cast.replaceAllUsesWith(cast.getIn());
    cast.erase();
    return;
  }
  auto extend = dyn_cast<arith::ExtFOp>(op);
  if (!extend || !isa<IntegerType>(getElementTypeOrSelf(extend.getIn()))) return;
  OpBuilder b(op);
  Type element = b.getF16Type(), type = extend.getIn().getType();
  auto vector = dyn_cast<VectorType>(type);
  extend.setOperand(
      b.create<arith::BitcastOp>(op->getLoc(), vector ? Type(vector.clone(element)) : element, extend.getIn()));
}

void makeFunctionBits(func::FuncOp function) {
  SmallVector<Type> inputs, results;
  for (Type type : function.getArgumentTypes()) inputs.push_back(asBits(type));
  for (Type type : function.getResultTypes()) results.push_back(asBits(type));
  function.setFunctionType(FunctionType::get(function.getContext(), inputs, results));
}

/// The types of one op and its blocks; what is left of the processor's conversions gets casts around it.
void makeBits(Operation *op) {
  if (auto function = dyn_cast<func::FuncOp>(op)) makeFunctionBits(function);
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    constant.setValueAttr(cast<TypedAttr>(asBits(constant.getValue())));
  if (auto global = dyn_cast<memref::GlobalOp>(op)) {
    global.setType(cast<MemRefType>(asBits(global.getType())));
    if (Attribute value = global.getInitialValueAttr()) global.setInitialValueAttr(asBits(value));
  }
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (BlockArgument argument : block.getArguments()) argument.setType(asBits(argument.getType()));
  OpBuilder b(op);
  for (OpResult result : op->getResults()) {
    Type before = result.getType(), after = asBits(before);
    if (before == after) continue;
    if (!isa<arith::TruncFOp>(op)) {
      result.setType(after);
      continue;
    }
    b.setInsertionPointAfter(op);
    auto cast = b.create<arith::BitcastOp>(op->getLoc(), after, result);
    result.replaceAllUsesExcept(cast, cast);
  }
}

struct ExpandSmallFloats : PassWrapper<ExpandSmallFloats, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandSmallFloats)
  ExpandSmallFloats() = default;
  ExpandSmallFloats(const ExpandSmallFloats &other) : PassWrapper(other) {}
  explicit ExpandSmallFloats(const support::IsaLevel &isaLevel) { level = isaLevel.name.str(); }
  StringRef getArgument() const final { return "expand-small-floats"; }
  StringRef getDescription() const final { return "Do f16 and bf16 arithmetic in f32"; }
  void runOnOperation() final {
    const support::IsaLevel *isaLevel = support::findIsaLevel(level);
    if (!isaLevel) {
      getOperation().emitError() << "level '" << level << "' does not exist";
      return signalPassFailure();
    }
    bool hasF16 = isaLevel->number >= 3; // F16C
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      bool computes = isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect());
      if (!computes || isa<arith::ConstantOp, arith::BitcastOp>(op) || op->getNumResults() != 1 || !hasSmall(op))
        return;
      if (hasF16 && isa<arith::ExtFOp, arith::TruncFOp>(op)) { // the two conversions that the processor has
        Type from = getElementTypeOrSelf(op->getOperand(0)), to = getElementTypeOrSelf(op->getResult(0));
        if ((from.isF16() && to.isF32()) || (from.isF32() && to.isF16())) return;
      }
      ops.push_back(op);
    });
    for (Operation *op : ops) SmallFloats(op, hasF16).expand(op);
    SmallVector<Operation *> all;
    getOperation().walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : all) makeBits(op);
    for (Operation *op : all) joinCasts(op);
  }
  Option<std::string> level{*this, "level", llvm::cl::desc("x86-64-v2, x86-64-v3, x86-64-v4 or native"),
                            llvm::cl::init("native")};
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createExpandSmallFloatsPass(const support::IsaLevel &level) {
  return std::make_unique<ExpandSmallFloats>(level);
}
std::unique_ptr<Pass> graphc::lower::createExpandSmallFloatsPass() { return std::make_unique<ExpandSmallFloats>(); }
