// Groups are handled as i32 and reinterpreted where they are multiplied: LLVM moves a bf16 through f32, bits are moved
// as they are.
#include "compiler/lower/kernels/product.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <array>

using namespace mlir;
using namespace graphc;
using namespace graphc::lower;
using Values = KernelBuilder::Values;

Type lower::sumOfProducts(Type element) {
  if (element.isF32() || element.isBF16()) return Float32Type::get(element.getContext());
  return element.isSignlessInteger(8) ? IntegerType::get(element.getContext(), 32) : Type();
}

int64_t lower::elementsOfGroup(Type element) { return 32 / element.getIntOrFloatBitWidth(); }

bool lower::multipliesGroups(const support::IsaLevel &level, Type element) {
  return element.isBF16() ? level.dotBF16 : element.isInteger(8) ? level.dotI8 : element.isF32();
}

Product::Product(KernelBuilder &b, Type element)
    : element(element), sum(sumOfProducts(element)), group(elementsOfGroup(element)),
      whole(multipliesGroups(b.level, element)), b(b) {}

Value Product::zero() { return b.create<arith::ConstantOp>(cast<TypedAttr>(b.getZeroAttr(b.vector(sum)))); }

Value Product::number(int64_t value, Type type) { return b.vectorOf(b.getIntegerAttr(type, value), type); }

/// The same bytes as a vector of another element type.
Value Product::bits(Value vector, Type to) {
  auto type = cast<VectorType>(vector.getType());
  int64_t size = type.getNumElements() * type.getElementTypeBitWidth() / to.getIntOrFloatBitWidth();
  return b.createOrFold<vector::BitCastOp>(VectorType::get({size}, to), vector);
}

Value Product::loadColumns(Value panels, Value at) {
  if (element.isF32()) return b.load(panels, at);
  Value groups = b.create<vector::LoadOp>(VectorType::get({b.lanes() * group}, element), panels, at);
  if (!startsBelowZero()) return bits(groups, b.getI32Type());
  Value bytes = bits(groups, b.getI32Type());
  return b.create<arith::XOrIOp>(bytes, number(0x80808080, b.getI32Type()));
}

Value Product::loadRow(Value rows, Value at, Value rest) {
  if (element.isF32()) return b.broadcast(b.loadScalar(rows, at));
  if (!rest) {
    Value groups = b.create<vector::LoadOp>(VectorType::get({group}, element), rows, at);
    return b.broadcast(b.create<vector::ExtractOp>(bits(groups, b.getI32Type()), 0));
  }
  // Nothing behind the row may be read: elements past its end are the last one, shifted out of the group again.
  unsigned width = element.getIntOrFloatBitWidth();
  Type bitsOfOne = b.getIntegerType(width), i32 = b.getI32Type();
  Value joined;
  for (int64_t i = 0; i < group; ++i) {
    Value one = b.loadScalar(rows, b.add(at, b.min(b.index(i), b.sub(rest, b.index(1)))));
    if (one.getType() != bitsOfOne) one = b.create<arith::BitcastOp>(bitsOfOne, one);
    Value moved = b.createOrFold<arith::ShLIOp>(b.create<arith::ExtUIOp>(i32, one),
                                                b.create<arith::ConstantIntOp>(i * width, 32));
    joined = joined ? b.create<arith::OrIOp>(joined, moved) : moved;
  }
  Value unused = b.create<arith::IndexCastOp>(i32, b.mul(b.sub(b.index(group), rest), b.index(width)));
  joined = b.create<arith::ShRUIOp>(b.create<arith::ShLIOp>(joined, unused), unused);
  return b.broadcast(joined);
}

/// Elements 0 and 2, or 1 and 3, of each i8 group as i16; element 0 or 1 of each bf16 group as f32.
Value Product::half(Value groups, bool upper) {
  if (element.isBF16()) {
    Type i32 = b.getI32Type();
    Value moved = upper ? Value(b.create<arith::AndIOp>(groups, number(0xffff0000, i32)))
                        : Value(b.create<arith::ShLIOp>(groups, number(16, i32)));
    return bits(moved, b.getF32Type());
  }
  Value pairs = bits(groups, b.getI16Type());
  Value eight = b.create<arith::ConstantOp>(DenseElementsAttr::get(cast<ShapedType>(pairs.getType()), int16_t(8)));
  if (!upper) pairs = b.create<arith::ShLIOp>(pairs, eight);
  return b.create<arith::ShRSIOp>(pairs, eight);
}

Value Product::call(StringRef name, Type result, ValueRange operands) {
  return b.create<LLVM::CallIntrinsicOp>(result, b.getStringAttr(name), operands).getResult(0);
}

/// A sum after one more product of a whole group, or of a half.
Value Product::add(Value before, Value row, Value column) {
  if (element.isF32() || (element.isBF16() && !whole)) return b.create<math::FmaOp>(row, column, before);
  std::string width = std::to_string(b.lanes() * 32);
  if (element.isBF16()) {
    auto pairs = VectorType::get({b.lanes() * group}, element);
    return call("llvm.x86.avx512bf16.dpbf16ps." + width, before.getType(),
                {before, b.create<LLVM::BitcastOp>(pairs, row), b.create<LLVM::BitcastOp>(pairs, column)});
  }
  if (whole) return call("llvm.x86.avx512.vpdpbusd." + width, before.getType(), {before, column, row});
  StringRef name = b.lanes() == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                   : b.lanes() == 8 ? "llvm.x86.avx2.pmadd.wd"
                                    : "llvm.x86.sse2.pmadd.wd";
  return b.create<arith::AddIOp>(before, call(name, before.getType(), {row, column}));
}

Values Product::multiply(size_t rows, size_t columns, Load row, Load column, ValueRange sums) {
  Values next(sums);
  bool keepsRows = rows < columns; // those of which there are fewer stand ready for all of the others
  size_t few = std::min(rows, columns), many = std::max(rows, columns);
  auto sumOf = [&](size_t kept, size_t other) -> Value & {
    return next[keepsRows ? kept * columns + other : other * columns + kept];
  };
  auto addTo = [&](Value &sum, Value kept, Value other) {
    sum = keepsRows ? add(sum, kept, other) : add(sum, other, kept);
  };
  auto loadKept = [&](size_t i) { return keepsRows ? row(i) : column(i); };
  auto loadOther = [&](size_t i) { return keepsRows ? column(i) : row(i); };
  if (whole) {
    Values kept;
    for (size_t i = 0; i < few; ++i) kept.push_back(loadKept(i));
    for (size_t i = 0; i < many; ++i) {
      Value other = loadOther(i);
      for (size_t j = 0; j < few; ++j) addTo(sumOf(j, i), kept[j], other);
    }
    return next;
  }
  SmallVector<std::array<Value, 2>> kept;
  for (size_t i = 0; i < few; ++i) {
    Value groups = loadKept(i);
    kept.push_back({half(groups, false), half(groups, true)});
  }
  for (size_t i = 0; i < many; ++i) {
    Value groups = loadOther(i);
    for (bool upper : {false, true}) { // one half at a time
      Value other = half(groups, upper);
      for (size_t j = 0; j < few; ++j) addTo(sumOf(j, i), kept[j][upper], other);
    }
  }
  return next;
}

Value Product::join(Value left, Value right) {
  if (isInteger()) return b.create<arith::AddIOp>(left, right);
  return b.create<arith::AddFOp>(left, right);
}

Value Product::addElements(Value rows, Value at, Value size, Value before) {
  int64_t bytes = b.lanes() * group;
  auto type = VectorType::get({bytes}, element);
  Value ones = number(0x01010101, b.getI32Type()), end = b.roundDown(size, bytes), rest = b.sub(size, end);
  auto add = [&](Value sum, Value read) {
    return call("llvm.x86.avx512.vpdpbusd." + std::to_string(b.lanes() * 32), sum.getType(),
                {sum, ones, bits(read, b.getI32Type())});
  };
  Value sum = b.loop(b.index(0), end, bytes, before, [&](Value k, ValueRange sums) {
    return Values{add(sums[0], b.create<vector::LoadOp>(type, rows, b.add(at, k)))};
  })[0];
  if (isConstantIntValue(rest, 0)) return sum;
  Value mask = b.create<vector::CreateMaskOp>(VectorType::get({bytes}, b.getI1Type()), rest);
  Value zero = b.create<arith::ConstantOp>(cast<TypedAttr>(b.getZeroAttr(type)));
  return add(sum, b.create<vector::MaskedLoadOp>(type, rows, b.add(at, end), mask, zero));
}

Value Product::startOf(Value partialSums) {
  Value elements = b.fold(partialSums, [&](Value x, Value y) { return b.create<arith::AddIOp>(x, y); });
  return b.broadcast(b.create<arith::MulIOp>(elements, b.create<arith::ConstantIntOp>(-128, 32)));
}
