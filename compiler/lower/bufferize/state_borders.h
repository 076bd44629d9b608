// State of the model at the borders of a function (make-borders): a read of it is a copying run out of the model block
// at the read's place in the program, so that no later write can change the value; a write is a copying run into the
// block. Both touch the block as memory from the start: bufferization sees a value made here and a value read here,
// never the block, so it can neither merge nor move what happens to it, and `verify-destinations` has nothing to
// refuse. An elementwise run that makes nothing but what is written works in the block itself: an optimizer is one pass
// over param and state, without a copy. Where a kernel before it found wrong data, a write writes nothing: a failing
// call leaves the model as it was.
#pragma once
#include "compiler/lower/fuse/kernel_table.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace graphc::lower {

/// Replaces the reads and writes of state in `function`, a block of tensors. `top` may point to one of them: it moves
/// on. `status`: the function's cell, or null if nothing in it may fail.
mlir::LogicalResult makeStateRuns(mlir::func::FuncOp function, KernelTable &table,
                                  const llvm::StringMap<uint64_t> &paramOffsets, mlir::Value params, mlir::Value status,
                                  mlir::OpBuilder &top);

} // namespace graphc::lower
