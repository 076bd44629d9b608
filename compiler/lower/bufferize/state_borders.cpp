// See state_borders.h. The views of the block stand beside their runs; canonicalization shares them.
#include "compiler/lower/bufferize/state_borders.h"
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

  Value view(OpBuilder &b, Location location, StringRef path, RankedTensorType type) const {
    Value offset = b.create<arith::ConstantIndexOp>(location, paramOffsets.lookup(path));
    return b.create<memref::ViewOp>(location, MemRefType::get(type.getShape(), type.getElementType()), params, offset,
                                    ValueRange());
  }

  kern::RunOp copy(OpBuilder &b, Location location, RankedTensorType type, Value from, Value to, TypeRange results,
                   Value size = {}) const {
    if (!size) size = b.create<arith::ConstantIndexOp>(location, type.getNumElements());
    return b.create<kern::RunOp>(location, results, table.copyKernel(location, type.getElementType()),
                                 ValueRange{from, size}, to, UnitAttr(), DenseI64ArrayAttr());
  }

  /// All elements, or none after wrong data.
  Value sizeIfGood(OpBuilder &b, Location location, RankedTensorType type) const {
    Value zero = b.create<arith::ConstantIndexOp>(location, 0),
          all = b.create<arith::ConstantIndexOp>(location, type.getNumElements());
    Value said = b.create<memref::LoadOp>(location, status, zero);
    Value good = b.create<arith::CmpIOp>(location, arith::CmpIPredicate::eq, said,
                                         b.create<arith::ConstantIntOp>(location, 0, said.getType()));
    return b.create<arith::SelectOp>(location, good, all, zero);
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

  void make(kern::WriteParameterOp write) const {
    OpBuilder b(write);
    auto type = cast<RankedTensorType>(write.getValue().getType());
    if (!type.getNumElements()) return;
    Location location = write.getLoc();
    copy(b, location, type, write.getValue(), view(b, location, write.getParameter(), type), {},
         status ? sizeIfGood(b, location, type) : Value());
  }
};
} // namespace

void lower::makeStateRuns(func::FuncOp function, KernelTable &table, const llvm::StringMap<uint64_t> &paramOffsets,
                          Value params, Value status, OpBuilder &top) {
  StateRuns runs{table, paramOffsets, params, status};
  for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
    auto read = dyn_cast<kern::ReadParameterOp>(op);
    auto write = dyn_cast<kern::WriteParameterOp>(op);
    if (read && read.getState())
      runs.make(read);
    else if (write)
      runs.make(write);
    else
      continue;
    if (&*top.getInsertionPoint() == &op) top.setInsertionPointAfter(&op);
    op.erase();
  }
}
