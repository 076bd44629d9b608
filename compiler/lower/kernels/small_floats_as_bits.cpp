// Pass small-floats-as-bits: f16 and bf16 become i16 in memory, in vectors and in constants. The types must go: LLVM
// moves a masked or scalar bf16 through f32 and back, by a call of libgcc. After expand-conversions nothing computes
// with them but the processor's own conversions of f16, which get a bitcast beside them, and its products of bf16,
// whose operands are cast in the LLVM dialect: those stay.
#include "compiler/lower/kernels/build_kernels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace {
bool isSmall(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16();
}

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
  if (isa<LLVM::BitcastOp>(op)) return;
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

struct SmallFloatsAsBits : PassWrapper<SmallFloatsAsBits, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SmallFloatsAsBits)
  StringRef getArgument() const final { return "small-floats-as-bits"; }
  StringRef getDescription() const final { return "Make i16 of f16 and bf16"; }
  void runOnOperation() final {
    SmallVector<Operation *> all;
    getOperation().walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : all) makeBits(op);
    for (Operation *op : all) joinCasts(op);
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createSmallFloatsAsBitsPass() { return std::make_unique<SmallFloatsAsBits>(); }
