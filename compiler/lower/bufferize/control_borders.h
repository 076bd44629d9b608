// make-borders of a function that is one op of control flow: native loops and branches around runs of its callees, on
// memory alone. What a turn reads and writes are pointers:
//
// - A carry lies in the function's output or in one more buffer, by turns: a turn reads the one and writes the other,
// so
//   nothing is copied from turn to turn. `scan`, which knows its turns, begins with the buffer from which the last turn
//   ends in the output; `while` copies once, at its end, if the other buffer had the last turn. The first turn reads
//   the input.
// - A carry that its turns change in place lies in the output alone: carry_in_place.h.
// - Slices of sequences, and places of what is collected, are views at an offset.
// - The buffers between carries and the callees' arenas are part of the function's own arena (plan-arena): no turn
//   allocates.
#pragma once
#include "compiler/lower/fuse/kernel_table.h"
#include "compiler/support/library_description.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::lower {

/// Callees have their borders already. What may pass a limit is noted in `library`.
mlir::LogicalResult makeControlBorders(mlir::func::FuncOp function, KernelTable &table,
                                       support::LibraryDescription &library);

} // namespace graphc::lower
