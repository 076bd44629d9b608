// Functions that call themselves, directly or through others, regions of control flow included (R25). What the language
// says of them stands on the func.func and goes with it wherever it is copied; everything that follows calls has to
// expect cycles: this says where they are.
#pragma once
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"

namespace graphc::graph {

/// i64: the most calls of functions of its cycle that may be open when it runs, itself counted. On functions of the
/// language alone: a region counts with its function.
inline constexpr llvm::StringLiteral maxDepthAttr = "graph.max_depth";
/// i64: the most calls of one outermost call (tape mode of reverse derivatives).
inline constexpr llvm::StringLiteral maxCallsAttr = "graph.max_calls";

/// i64, on the forward half of a derivative: how many calls of one outermost call there may be, since each leaves a row
/// on a tape. One more is GRAPHC_ERR_TAPE.
inline constexpr llvm::StringLiteral tapeCallsAttr = "graph.tape_calls";

/// String: the function's name in the language, for messages.
inline constexpr llvm::StringLiteral recursionAttr = "graph.recursion";
/// All of these.
inline constexpr llvm::StringLiteral recursionAttrs[] = {maxDepthAttr, maxCallsAttr, tapeCallsAttr, recursionAttr};

inline bool isRecursive(mlir::func::FuncOp function) { return function->hasAttr(maxDepthAttr); }
/// For a function that is made of a recursive one and recurs as it does.
void copyRecursion(mlir::func::FuncOp from, mlir::func::FuncOp to);

/// What of functions follows from that of their callees, where they may call each other in circles: `update` is called
/// for `root` and all below it that are not `known`, callees first, and for all of them again as long as one says that
/// it has changed something, if there are circles among them.
void untilNothingChanges(mlir::func::FuncOp root, llvm::function_ref<bool(mlir::func::FuncOp)> known,
                         llvm::function_ref<llvm::SmallVector<mlir::func::FuncOp>(mlir::func::FuncOp)> calleesOf,
                         llvm::function_ref<bool(mlir::func::FuncOp)> update);

/// Which functions call each other in circles: the number of its cycle, by function. Others have none.
llvm::DenseMap<mlir::Operation *, unsigned> cyclesOf(mlir::ModuleOp module);

} // namespace graphc::graph
