// loop_writer.h. createOrFold keeps the index arithmetic of constants out of the body.
#include "dialects/graph/loop_writer.h"
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace graphc::graph {
using Values = LoopWriter::Values;

LoopWriter::LoopWriter(Lowering &lowering, ValueRange ins, llvm::ArrayRef<Dim> sizes, llvm::ArrayRef<Out> outs,
                       bool mayFail, llvm::ArrayRef<int64_t> inplace)
    : ImplicitLocOpBuilder(lowering.getLoc(), lowering), inCount(ins.size()), sizeCount(sizes.size()),
      outCount(outs.size()) {
  Values destinations;
  for (const Out &out : outs) destinations.push_back(lowering.empty(out.shape, out.element));
  auto loops = create<LoopsOp>(ins, lowering.sizes(sizes), destinations, mayFail, inplace);
  op = loops;
  lowering.setInsertionPointAfter(op);
  setInsertionPointToStart(&loops.getBody().front());
}

llvm::SmallVector<Value> LoopWriter::results() const { return llvm::SmallVector<Value>(op->getResults()); }
void LoopWriter::mark(llvm::StringRef attribute) { op->setAttr(attribute, getUnitAttr()); }
Value LoopWriter::argument(unsigned i) const { return op->getRegion(0).getArgument(i); }
Values LoopWriter::sizes(unsigned first, unsigned count) const {
  Values values;
  for (unsigned i = 0; i < count; ++i) values.push_back(size(first + i));
  return values;
}

Value LoopWriter::index(int64_t value) { return create<arith::ConstantIndexOp>(value); }
Value LoopWriter::add(Value a, Value b) { return createOrFold<arith::AddIOp>(a, b); }
Value LoopWriter::sub(Value a, Value b) { return createOrFold<arith::SubIOp>(a, b); }
Value LoopWriter::mul(Value a, Value b) { return createOrFold<arith::MulIOp>(a, b); }
Value LoopWriter::div(Value a, Value b) { return createOrFold<arith::DivUIOp>(a, b); }
Value LoopWriter::rem(Value a, Value b) { return createOrFold<arith::RemUIOp>(a, b); }
Value LoopWriter::min(Value a, Value b) { return createOrFold<arith::MinSIOp>(a, b); }
Value LoopWriter::max(Value a, Value b) { return createOrFold<arith::MaxSIOp>(a, b); }
Value LoopWriter::less(Value a, Value b) { return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b); }
Value LoopWriter::equal(Value a, Value b) { return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, a, b); }
Value LoopWriter::both(Value a, Value b) { return createOrFold<arith::AndIOp>(a, b); }
Value LoopWriter::either(Value a, Value b) { return createOrFold<arith::OrIOp>(a, b); }
Value LoopWriter::select(Value condition, Value yes, Value no) {
  return createOrFold<arith::SelectOp>(condition, yes, no);
}

Value LoopWriter::toIndex(Value integer, Dtype dtype) {
  if (dtype >= Dtype::U8) return create<arith::IndexCastUIOp>(getIndexType(), integer);
  return create<arith::IndexCastOp>(getIndexType(), integer);
}
Value LoopWriter::fromIndex(Value i, Type integer) { return create<arith::IndexCastOp>(integer, i); }

Values LoopWriter::strides(ValueRange sizes) {
  Values strides(sizes.size());
  Value stride = index(1);
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    if (i) stride = mul(stride, sizes[i]);
  }
  return strides;
}

Value LoopWriter::dot(ValueRange indices, ValueRange strides) {
  Value sum = index(0);
  for (auto [i, stride] : llvm::zip_equal(indices, strides)) sum = add(sum, mul(i, stride));
  return sum;
}

void LoopWriter::loop(Value from, Value to, llvm::function_ref<void(Value)> body) {
  auto forOp = create<scf::ForOp>(from, to, index(1));
  InsertionGuard guard(*this);
  setInsertionPointToStart(forOp.getBody());
  body(forOp.getInductionVar());
}

Values LoopWriter::loop(Value from, Value to, ValueRange inits, llvm::function_ref<Values(Value, ValueRange)> body) {
  auto forOp = create<scf::ForOp>(from, to, index(1), inits);
  InsertionGuard guard(*this);
  setInsertionPointToStart(forOp.getBody());
  Values next = body(forOp.getInductionVar(), forOp.getRegionIterArgs());
  if (!inits.empty()) create<scf::YieldOp>(next); // without carried values scf.for has its terminator already
  return Values(forOp.getResults());
}

void LoopWriter::nest(ValueRange sizes, llvm::function_ref<void(ValueRange)> body) {
  InsertionGuard guard(*this);
  Values indices;
  for (Value extent : sizes) {
    auto forOp = create<scf::ForOp>(index(0), extent, index(1));
    setInsertionPointToStart(forOp.getBody());
    indices.push_back(forOp.getInductionVar());
  }
  body(indices);
}

Values LoopWriter::nest(ValueRange sizes, ValueRange inits, llvm::function_ref<Values(ValueRange, ValueRange)> body) {
  InsertionGuard guard(*this);
  Values indices, carried(inits);
  llvm::SmallVector<scf::ForOp> loops;
  for (Value extent : sizes) {
    loops.push_back(create<scf::ForOp>(index(0), extent, index(1), carried));
    setInsertionPointToStart(loops.back().getBody());
    indices.push_back(loops.back().getInductionVar());
    carried.assign(loops.back().getRegionIterArgs().begin(), loops.back().getRegionIterArgs().end());
  }
  Values next = body(indices, carried);
  for (scf::ForOp forOp : llvm::reverse(loops)) {
    setInsertionPointToEnd(forOp.getBody());
    if (!inits.empty()) create<scf::YieldOp>(next);
    next.assign(forOp.getResults().begin(), forOp.getResults().end());
  }
  return next;
}

void LoopWriter::when(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise) {
  auto ifOp = create<scf::IfOp>(condition, bool(otherwise));
  InsertionGuard guard(*this);
  setInsertionPointToStart(ifOp.thenBlock());
  then();
  if (!otherwise) return;
  setInsertionPointToStart(ifOp.elseBlock());
  otherwise();
}

Values LoopWriter::choose(Value condition, llvm::function_ref<Values()> then, llvm::function_ref<Values()> otherwise) {
  auto write = [&](llvm::function_ref<Values()> branch) {
    return [&, branch](OpBuilder &b, Location) {
      InsertionGuard guard(*this);
      restoreInsertionPoint(b.saveInsertionPoint());
      Values values = branch();
      create<scf::YieldOp>(values);
    };
  };
  auto ifOp = create<scf::IfOp>(condition, write(then), write(otherwise));
  return Values(ifOp.getResults());
}

Values LoopWriter::repeat(ValueRange inits, llvm::function_ref<Value(ValueRange)> condition,
                          llvm::function_ref<Values(ValueRange)> body) {
  auto whileOp = create<scf::WhileOp>(
      inits.getTypes(), inits,
      [&](OpBuilder &b, Location, ValueRange values) {
        InsertionGuard guard(*this);
        restoreInsertionPoint(b.saveInsertionPoint());
        create<scf::ConditionOp>(condition(values), values);
      },
      [&](OpBuilder &b, Location, ValueRange values) {
        InsertionGuard guard(*this);
        restoreInsertionPoint(b.saveInsertionPoint());
        create<scf::YieldOp>(body(values));
      });
  return Values(whileOp.getResults());
}

Value LoopWriter::load(Value buffer, Value at) { return create<memref::LoadOp>(buffer, at); }
void LoopWriter::store(Value element, Value buffer, Value at) { create<memref::StoreOp>(element, buffer, at); }
Value LoopWriter::loadComputed(Value buffer, Value at, Dtype dtype) {
  return Lowering::toCompute(*this, load(buffer, at), dtype);
}
void LoopWriter::storeComputed(Value element, Value buffer, Value at, Dtype dtype) {
  store(Lowering::toStored(*this, element, dtype), buffer, at);
}

Value LoopWriter::isSame(Value a, Value b, Value at) {
  Value other = create<memref::ExtractAlignedPointerAsIndexOp>(b);
  if (at) {
    unsigned bits = cast<MemRefType>(b.getType()).getElementTypeBitWidth();
    other = add(other, mul(at, index(int64_t(llvm::divideCeil(bits, 8)))));
  }
  return equal(create<memref::ExtractAlignedPointerAsIndexOp>(a), other);
}

void LoopWriter::fail() {
  Value status = argument(inCount + sizeCount + outCount);
  Value none = create<arith::ConstantOp>(getI32IntegerAttr(0)),
        said = load(status, index(0)); // the first mistake stays
  Value isFirst = create<arith::CmpIOp>(arith::CmpIPredicate::eq, said, none);
  store(select(isFirst, create<arith::ConstantOp>(getI32IntegerAttr(1)), said), status, index(0));
}

Value LoopWriter::checkedPosition(Value position, Value size, bool wraps) {
  if (wraps) position = select(less(position, index(0)), add(position, size), position);
  Value outside = either(less(position, index(0)), create<arith::CmpIOp>(arith::CmpIPredicate::sge, position, size));
  when(outside, [&] { fail(); });
  return clamp(position, size);
}

} // namespace graphc::graph
