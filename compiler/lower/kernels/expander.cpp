// Arithmetic of Expander: constants of the type, polynomials, and error-free sums and products (Knuth, Dekker).
#include "compiler/lower/kernels/expander.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace graphc::lower;

static Type reshaped(Type like, Type element) {
  auto vector = dyn_cast<VectorType>(like);
  return vector ? Type(vector.clone(element)) : element;
}

static constexpr int64_t registerLanes = 16; // of f32, where there is vscalefps

Expander::Expander(const ImplicitLocOpBuilder &at, Type realType, bool fma, bool scalef)
    : ImplicitLocOpBuilder(at), real(realType),
      bits(reshaped(realType, getIntegerType(getElementTypeOrSelf(realType).getIntOrFloatBitWidth()))),
      wide(getElementTypeOrSelf(realType).isF64()), hasFma(fma), hasScalef(scalef && !wide), mantissa(wide ? 52 : 23) {}

Type Expander::shaped(Type element) const { return reshaped(real, element); }

Value Expander::constant(Type type, TypedAttr value) {
  auto vector = dyn_cast<VectorType>(type);
  return create<arith::ConstantOp>(vector ? TypedAttr(DenseElementsAttr::get(vector, value)) : value);
}

Value Expander::f(double value) {
  return constant(real, wide ? getF64FloatAttr(value) : getF32FloatAttr(static_cast<float>(value)));
}

Value Expander::i(int64_t value) {
  return constant(bits, wide ? getI64IntegerAttr(value) : getI32IntegerAttr(static_cast<int32_t>(value)));
}

Value Expander::i64(int64_t value) { return constant(shaped(getI64Type()), getI64IntegerAttr(value)); }

Value Expander::fma(Value a, Value b, Value c) {
  return hasFma ? create<math::FmaOp>(a, b, c).getResult() : add(mul(a, b), c);
}

Value Expander::polynomial(Value x, ArrayRef<double> c) {
  Value p = f(c.back());
  for (double coefficient : llvm::reverse(c.drop_back())) p = fma(p, x, f(coefficient));
  return p;
}

Value Expander::power(Value n) { return asReal(left(addInt(n, i(wide ? 1023 : 127)), i(mantissa))); }

Value Expander::inRegister(Value x, function_ref<Value(Expander &, Value)> compute) {
  auto whole = VectorType::get({registerLanes}, getF32Type());
  Expander e(*this, whole, hasFma, hasScalef);
  auto vector = dyn_cast<VectorType>(x.getType());
  if (vector == whole) return compute(e, x);
  if (!vector) return create<vector::ExtractOp>(compute(e, create<vector::BroadcastOp>(whole, x)), 0);
  int64_t lanes = vector.getNumElements();
  Value wider = create<vector::InsertStridedSliceOp>(x, e.f(0), /*offsets=*/ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
  return create<vector::ExtractStridedSliceOp>(compute(e, wider), ArrayRef<int64_t>{0}, ArrayRef<int64_t>{lanes},
                                               ArrayRef<int64_t>{1});
}

Value Expander::lookUp(Value bitsOfIndex, ArrayRef<float> table) {
  Value all = create<arith::ConstantOp>(DenseElementsAttr::get(cast<VectorType>(real), table));
  return create<LLVM::CallIntrinsicOp>(real, getStringAttr("llvm.x86.avx512.permvar.sf.512"),
                                       ValueRange{all, bitsOfIndex})
      .getResult(0);
}

Value Expander::scalef(Value p, Value n) {
  Value all = create<LLVM::ConstantOp>(getI16Type(), getI16IntegerAttr(-1));
  Value currentRounding = create<LLVM::ConstantOp>(getI32Type(), getI32IntegerAttr(4));
  return create<LLVM::CallIntrinsicOp>(real, getStringAttr("llvm.x86.avx512.mask.scalef.ps.512"),
                                       ValueRange{p, n, p, all, currentRounding})
      .getResult(0);
}

Pair Expander::twoSum(Value a, Value b) {
  Value sum = add(a, b), second = sub(sum, a);
  return {sum, add(sub(a, sub(sum, second)), sub(b, second))};
}

Pair Expander::fastTwoSum(Value a, Value b) {
  Value sum = add(a, b);
  return {sum, sub(b, sub(sum, a))};
}

/// Two halves of the mantissa.
Pair Expander::split(Value a) {
  Value scaled = mul(a, f(choose(0x1p27 + 1, 0x1p12 + 1)));
  Value high = sub(scaled, sub(scaled, a));
  return {high, sub(a, high)};
}

Pair Expander::twoProduct(Value a, Value b) {
  Value high = mul(a, b);
  if (hasFma) return {high, create<math::FmaOp>(a, b, neg(high))};
  Pair x = split(a), y = a == b ? x : split(b);
  Value error = sub(mul(x.high, y.high), high);
  error = add(add(error, mul(x.high, y.low)), mul(x.low, y.high));
  return {high, add(error, mul(x.low, y.low))};
}

Pair Expander::product(Pair a, Pair b) {
  Pair exact = twoProduct(a.high, b.high);
  return fastTwoSum(exact.high, add(exact.low, fma(a.high, b.low, mul(a.low, b.high))));
}

Pair Expander::quotient(Pair a, Pair b) {
  Value high = div(a.high, b.high);
  Pair back = twoProduct(high, b.high);
  Value rest = add(sub(sub(a.high, back.high), back.low), sub(a.low, mul(high, b.low)));
  return {high, div(rest, b.high)};
}
