// A carry whose body may work in place (place_parts.cpp found that: its next value is the old one with some parts
// written) lies in the loop's output all the time. Before the first turn its first value is copied there, if it does
// not lie there already: the one copy, whatever the number of turns. Others lie in two buffers by turns
// (control_borders.h), of which this undoes what is no longer needed.
#pragma once
#include "compiler/lower/fuse/kernel_table.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphc::lower {

/// On a loop of make-borders, until carry_in_place has seen it: the number of its carries, and which argument of the
/// function is the first output.
inline constexpr llvm::StringLiteral carriesAttr = "graph.carries";

/// `function` is one op of control flow.
void carryInPlace(mlir::func::FuncOp function, KernelTable &table);

} // namespace graphc::lower
