// Whoever builds control flow (frontend, onnx) writes the regions of an op as functions that read values of the
// function around them as they like; closed, they are what the op wants (structure.td).
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

namespace graphc::graph {

/// A private function at the end of the module, called `name` or that and a number, with a body of these arguments and
/// without results so far.
mlir::func::FuncOp openRegion(mlir::ModuleOp module, mlir::Location location, llvm::StringRef name,
                              llvm::ArrayRef<mlir::Type> arguments);

struct ClosedRegions {
  llvm::SetVector<mlir::Value> captures; // what they read of the values around: behind the arguments of each, now
  bool usesTurn = false;                 // of a loop: one reads the number of the turn, its first argument
};
/// All regions of one op, whose bodies end by their return. What needs no operand (constants, params, sizes) is no
/// capture: it is made again inside. The number of the turn is no argument any more where no region reads it.
ClosedRegions closeRegions(llvm::ArrayRef<mlir::func::FuncOp> regions, bool isLoop);

} // namespace graphc::graph
