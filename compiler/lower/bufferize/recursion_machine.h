// Functions that call each other in circles become one function without a call among them: a machine whose stack lies
// in the arena. So the C stack does not grow with the depth, and the depth is a number that is compared, not a crash.
//
// Each function of the circle, control flow that calls it included, is cut at those calls into pieces. A call's frame
// lies in the arena behind its caller's: where to go on and in which frame, the call's arguments, the state of loops
// around calls, and the buffers that live across one. Everything else (views, sizes) is computed again in each piece;
// buffers that live within a piece lie in one area that all pieces share. The machine is a loop over
// (piece, frame, depth) around a switch.
#pragma once
#include "compiler/lower/fuse/tensor_sizes.h"
#include "compiler/support/library_description.h"

namespace graphc::lower {

/// A function of a circle after its buffers were planned. Its arguments: the area of the pieces, then as of all called
/// functions; calls within the circle pass neither that nor an arena.
struct CycleMember {
  mlir::func::FuncOp function;
  graph::Dim frameBytes, pieceBytes; // of its buffers in the frame and in the area, at most
  mlir::Value frameEnd;              // the first, rounded up: at the function's top
};

/// The members go; those that others call stay, as functions that start the machine, with the arena that it needs.
mlir::LogicalResult buildRecursionMachine(llvm::MutableArrayRef<CycleMember> members,
                                          support::LibraryDescription &library);

} // namespace graphc::lower
