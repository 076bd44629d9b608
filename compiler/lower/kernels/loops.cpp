// Builder "loops": the body is the function already, written by an op's lowering (graph.loops). Scalar code on purpose:
// it moves data or works in a fixed order, and LLVM may still vectorize what keeps the order. It does not where two
// buffers might overlap, so innermost loops that only copy or fill a run of memory become vectors here: a run comes at
// the bandwidth of the caches instead of one element per cycle. The buffers of a kernel are apart or the same bytes at
// the same places (kern.run's `inplace`), so that no vector reads what one before it wrote.
#include "compiler/lower/kernels/kernel_builder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace graphc::lower;

namespace {
/// Whether a value of a loop's body grows by one each turn, or is the same in all.
struct Course {
  scf::ForOp loop;

  bool isSame(Value value) {
    if (loop.isDefinedOutsideOfLoop(value)) return true;
    Operation *maker = value.getDefiningOp();
    return maker && isa<arith::ArithDialect>(maker->getDialect()) &&
           llvm::all_of(maker->getOperands(), [&](Value operand) { return isSame(operand); });
  }
  bool isNext(Value value) {
    if (value == loop.getInductionVar()) return true;
    if (auto sum = value.getDefiningOp<arith::AddIOp>())
      return (isNext(sum.getLhs()) && isSame(sum.getRhs())) || (isSame(sum.getLhs()) && isNext(sum.getRhs()));
    auto difference = value.getDefiningOp<arith::SubIOp>();
    return difference && isNext(difference.getLhs()) && isSame(difference.getRhs());
  }
};

/// The store of a loop that does nothing but move a run of memory, or fill one; else null.
memref::StoreOp runOf(scf::ForOp loop) {
  if (loop->getNumResults() || getConstantIntValue(loop.getStep()) != 1) return nullptr;
  Course course{loop};
  memref::LoadOp load;
  memref::StoreOp store;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (auto read = dyn_cast<memref::LoadOp>(op); read && !load)
      load = read;
    else if (auto write = dyn_cast<memref::StoreOp>(op); write && !store)
      store = write;
    else if (!isa<arith::ArithDialect>(op.getDialect()))
      return nullptr;
  }
  if (!store || store.getIndices().size() != 1 || !course.isNext(store.getIndices()[0])) return nullptr;
  if (!load) return course.isSame(store.getValue()) ? store : nullptr;
  bool copies = store.getValue() == load.getResult() && load.getMemRef() != store.getMemRef() &&
                load.getIndices().size() == 1 && course.isNext(load.getIndices()[0]);
  return copies ? store : nullptr;
}

/// The turns that fill whole vectors go before the loop, which keeps the rest.
void takeVectors(KernelBuilder &b, scf::ForOp loop, memref::StoreOp store) {
  Type element = store.getMemRefType().getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() < 8) return;
  auto type = VectorType::get({b.lanes() * 32 / int64_t(element.getIntOrFloatBitWidth())}, element);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop);
  Value from = loop.getLowerBound(), length = b.max(b.sub(loop.getUpperBound(), from), b.index(0));
  Value whole = b.add(from, b.roundDown(length, type.getNumElements()));
  b.loop(from, whole, type.getNumElements(), [&](Value at) {
    IRMapping map;
    map.map(loop.getInductionVar(), at);
    for (Operation &op : loop.getBody()->without_terminator()) {
      if (auto load = dyn_cast<memref::LoadOp>(op))
        map.map(
            load.getResult(),
            b.create<vector::LoadOp>(type, load.getMemRef(), map.lookupOrDefault(load.getIndices()[0])).getResult());
      else if (&op != store.getOperation())
        b.clone(op, map);
    }
    Value value = map.lookupOrDefault(store.getValue());
    if (value.getType() != type) value = b.create<vector::BroadcastOp>(type, value);
    b.create<vector::StoreOp>(value, store.getMemRef(), map.lookupOrDefault(store.getIndices()[0]));
  });
  loop.setLowerBound(whole);
}
} // namespace

LogicalResult graphc::lower::buildLoops(KernelBuilder &b) {
  SmallVector<Type> types(b.bodyBlock().getArgumentTypes());
  if (!llvm::all_of(types, [](Type type) { return isa<IndexType, MemRefType>(type); }))
    return b.fail("its body takes something that is neither a buffer nor a size");
  if (!b.yieldTypes().empty()) return b.fail("its body yields values");
  b.begin(types);
  IRMapping map;
  map.map(b.bodyBlock().getArguments(), b.arguments(0, types.size()));
  for (Operation &op : b.bodyBlock().without_terminator()) b.clone(op, map);
  SmallVector<std::pair<scf::ForOp, memref::StoreOp>> runs;
  b.function.walk([&](scf::ForOp loop) {
    if (memref::StoreOp store = runOf(loop)) runs.push_back({loop, store});
  });
  for (auto [loop, store] : runs) takeVectors(b, loop, store);
  return success();
}
