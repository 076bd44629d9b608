// See state_borders.h. The views of the block stand beside their runs; canonicalization shares them.
#include "compiler/lower/bufferize/state_borders.h"
#include "compiler/lower/bufferize/borders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphc;

namespace {
struct StateRuns {
  lower::KernelTable &table;
  const llvm::StringMap<uint64_t> &paramOffsets;
  Value params, status;
  OpBuilder &top; // may point to what goes away here

  void erase(Operation *op) const {
    if (&*top.getInsertionPoint() == op) top.setInsertionPointAfter(op);
    op->erase();
  }

  Value view(OpBuilder &b, Location location, StringRef path, Type stored) const {
    auto type = cast<RankedTensorType>(stored);
    Value offset = b.create<arith::ConstantIndexOp>(location, paramOffsets.lookup(path));
    return b.create<memref::ViewOp>(location, lower::memrefOf(type), params, offset, ValueRange());
  }

  kern::RunOp copy(OpBuilder &b, Location location, RankedTensorType type, Value from, Value to, TypeRange results,
                   Value size = {}) const {
    if (!size) size = b.create<arith::ConstantIndexOp>(location, type.getNumElements());
    return b.create<kern::RunOp>(location, results, table.copyKernel(location, type.getElementType()),
                                 ValueRange{from, size}, to, UnitAttr(), DenseI64ArrayAttr());
  }

  /// The size, or 0 after wrong data.
  Value sizeIfGood(OpBuilder &b, Location location, Value all) const {
    Value zero = b.create<arith::ConstantIndexOp>(location, 0);
    Value said = b.create<memref::LoadOp>(location, status, zero);
    Value good = b.create<arith::CmpIOp>(location, arith::CmpIPredicate::eq, said,
                                         b.create<arith::ConstantIntOp>(location, 0, said.getType()));
    return b.create<arith::SelectOp>(location, good, all, zero);
  }

  /// The buffer operands of a run; behind them come its sizes.
  static size_t bufferCount(kern::RunOp run) {
    return llvm::count_if(run.getIns(), [](Value in) { return isa<TensorType>(in.getType()); });
  }

  /// True if in and out may be the same memory.
  static bool mayShare(kern::RunOp run, unsigned in, unsigned out) {
    return llvm::is_contained(run.inplacePairs(), std::pair(in, out));
  }

  /// True if nothing in (from, to) touches the state of that path, but what `own` holds.
  static bool isUntouched(Operation *from, Operation *to, StringRef path, ArrayRef<Operation *> own) {
    for (Operation *op = from->getNextNode(); op && op != to; op = op->getNextNode()) {
      auto read = dyn_cast<kern::ReadParameterOp>(op);
      auto write = dyn_cast<kern::WriteParameterOp>(op);
      bool touches = op->hasAttr(kern::touchesStateAttr) || (read && read.getState() && read.getParameter() == path) ||
                     (write && write.getParameter() == path);
      if (touches && !llvm::is_contained(own, op)) return false;
    }
    return true;
  }

  /// The one write of each of the run's results, if that is all that becomes of them.
  static SmallVector<Operation *> writesOf(kern::RunOp run) {
    SmallVector<Operation *> writes;
    for (Value result : run.getResults()) {
      auto write = result.hasOneUse() ? dyn_cast<kern::WriteParameterOp>(*result.user_begin()) : nullptr;
      if (!write || write.getValue().getType() != result.getType()) return {};
      writes.push_back(write);
    }
    return writes;
  }

  /// Where all that an elementwise run, or a contraction with such an epilogue, makes is written to the model, it works
  /// there, at the place of the last write, also on the states that it alone reads.
  void update(kern::RunOp run) const {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<kern::KernelOp>(run, run.getKernelAttr());
    SmallVector<Operation *> writes = writesOf(run);
    size_t buffers = bufferCount(run);
    if (!kernel || !llvm::is_contained({"elementwise", "contraction"}, kernel.getBuilder()) || writes.empty()) return;
    if (status && buffers == run.getIns().size()) return; // a single element has no size that could become 0
    Operation *last = writes.front();
    for (Operation *write : writes)
      if (last->isBeforeInBlock(write)) last = write;
    llvm::StringMap<int64_t> outOf;
    for (auto [out, write] : llvm::enumerate(writes)) {
      StringRef path = cast<kern::WriteParameterOp>(write).getParameter();
      if (!outOf.try_emplace(path, out).second || !isUntouched(write, last, path, {})) return;
      if (!cast<RankedTensorType>(run.getResult(out).getType()).getNumElements()) return;
    }
    SmallVector<kern::ReadParameterOp> direct(buffers); // states that are read where they lie
    for (size_t i = 0; i < buffers; ++i) {
      auto read = run.getIns()[i].getDefiningOp<kern::ReadParameterOp>();
      if (!read) continue;
      auto out = outOf.find(read.getParameter());
      bool isMade = out != outOf.end(), shares = isMade && mayShare(run, i, out->second);
      if (!read.getState() && isMade && !shares) return;
      if (!read.getState() || !read->hasOneUse() || (isMade && !shares)) continue;
      if (isUntouched(read, last, read.getParameter(), writes)) direct[i] = read;
    }

    OpBuilder b(last);
    Location location = run.getLoc();
    SmallVector<Value> ins(run.getIns()), outs;
    for (auto [i, read] : llvm::enumerate(direct))
      if (read) ins[i] = view(b, location, read.getParameter(), read.getValue().getType());
    for (Operation *op : writes) {
      auto write = cast<kern::WriteParameterOp>(op);
      outs.push_back(view(b, location, write.getParameter(), stored(write).getStored()));
    }
    if (status) ins[buffers] = sizeIfGood(b, location, ins[buffers]); // of both builders: 0 of the first is nothing
    b.create<kern::RunOp>(location, run.getKernelAttr(), ins, outs);
    for (Operation *write : writes) erase(write);
    erase(run);
    for (kern::ReadParameterOp read : direct)
      if (read) erase(read);
  }

  static kern::ParameterOp stored(kern::WriteParameterOp write) {
    return SymbolTable::lookupNearestSymbolFrom<kern::ParameterOp>(write, write.getParameterAttr());
  }

  void make(kern::ReadParameterOp read) const {
    OpBuilder b(read);
    auto type = cast<RankedTensorType>(read.getValue().getType());
    Value empty = b.create<tensor::EmptyOp>(read.getLoc(), type.getShape(), type.getElementType());
    Value value = empty;
    if (type.getNumElements()) // else there is nothing to read
      value = copy(b, read.getLoc(), type, view(b, read.getLoc(), read.getParameter(), type), empty, type).getResult(0);
    read.getValue().replaceAllUsesWith(value);
  }

  LogicalResult make(kern::WriteParameterOp write) const {
    OpBuilder b(write);
    auto type = cast<RankedTensorType>(write.getValue().getType());
    if (!type.getNumElements()) return success();
    if (stored(write).getLayout() != "rows") return write.emitOpError("is of a param whose layout only updates know");
    Location location = write.getLoc();
    Value size;
    if (status) size = sizeIfGood(b, location, b.create<arith::ConstantIndexOp>(location, type.getNumElements()));
    copy(b, location, type, write.getValue(), view(b, location, write.getParameter(), type), {}, size);
    return success();
  }
};
} // namespace

LogicalResult lower::makeStateRuns(func::FuncOp function, KernelTable &table,
                                   const llvm::StringMap<uint64_t> &paramOffsets, Value params, Value status,
                                   OpBuilder &top) {
  StateRuns runs{table, paramOffsets, params, status, top};
  for (auto run : llvm::make_early_inc_range(function.getOps<kern::RunOp>())) runs.update(run);
  for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
    auto read = dyn_cast<kern::ReadParameterOp>(op);
    auto write = dyn_cast<kern::WriteParameterOp>(op);
    if (write && failed(runs.make(write))) return failure();
    if (read && read.getState()) runs.make(read);
    if (write || (read && read.getState())) runs.erase(&op);
  }
  return success();
}
