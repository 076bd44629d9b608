// Which functions of a module are entries, and the attributes that passes of lower leave on them for each other and for
// tests.
#pragma once
#include "dialects/graph/structure.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"

namespace graphc::lower {

inline constexpr llvm::StringLiteral entryAttr = "graph.entry"; // i64: position among the entries (frontend); a
                                                                // variant has its entry's (specialize-dims)
inline constexpr llvm::StringLiteral nameAttr = "graph.name";   // of module, arguments, results (frontend)
inline constexpr llvm::StringLiteral docAttr = "graph.doc";     // likewise
inline constexpr llvm::StringLiteral dtypeAttr = "graph.dtype"; // i32 graphc_dtype of arguments and results
inline constexpr llvm::StringLiteral shapeAttr = "graph.shape"; // ShapeAttr of arguments and results with named dims
inline constexpr llvm::StringLiteral dimsAttr = "graph.dims";   // DimAttrs: the file's (module, frontend); a function's
                                                                // own, one index argument each (lower-graph-ops)
inline constexpr llvm::StringLiteral flopsAttr =
    "graph.flops"; // ShapeAttr of one size (lower-graph-ops to make-borders; of loops on to profile-runs)
inline constexpr llvm::StringLiteral memoryBytesAttr = "graph.memory_bytes"; // likewise
inline constexpr llvm::StringLiteral arenaBytesAttr = "graph.arena_bytes";   // i64 per entry (plan-arena)
inline constexpr llvm::StringLiteral arenaSizeAttr = "graph.arena_size"; // ShapeAttr of one size, of functions whose
                                                                         // arena their dims decide (plan-arena)
/// Unit, on functions that compute sizes from dims and touch no data (plan-arena): one serves every ISA level.
inline constexpr llvm::StringLiteral sizesOnlyAttr = "graph.sizes_only";
/// Unit, on functions whose last argument is a status cell (make-borders): an i32 that kernels set when data are wrong.
inline constexpr llvm::StringLiteral mayFailAttr = "graph.may_fail";

/// i64, on an argument that is an output: the number of the input whose memory it may be (place-parts).
inline constexpr llvm::StringLiteral inplaceAttr = "graph.inplace";

/// Unit, on functions that are one op of control flow (outline-control).
inline constexpr llvm::StringLiteral controlAttr = "graph.control";

/// Unit, on functions that write state of the model, or read or write it; what they call counts too (lower-graph-ops).
inline constexpr llvm::StringLiteral writesStateAttr = "graph.writes_state";
inline constexpr llvm::StringLiteral touchesStateAttr = "graph.touches_state";

/// Symbol of its part, on a function that share-out defines (build-kernels).
inline constexpr llvm::StringLiteral shareOutAttr = "graph.share_out";

using graph::flatElements; // of a block whose size the buffer type does not say: kernels' operands, the arena
/// True unless the buffer is a part of another that begins later (place-parts).
inline bool isAtOffsetZero(mlir::Value buffer) {
  return llvm::cast<mlir::MemRefType>(buffer.getType()).getLayout().isIdentity();
}
/// Alignment of every buffer in the arena and of every param (GRAPHC_ALIGN).
inline constexpr uint64_t bufferAlignment = 64;

/// Entries in the order of the file's "entries", each before its variants.
llvm::SmallVector<mlir::func::FuncOp> entriesOf(mlir::ModuleOp module);
/// Bytes of a static tensor or memref; nullopt where they pass 2^62.
std::optional<uint64_t> byteSize(mlir::ShapedType type);
/// Entries and the functions that they call, callees before callers.
llvm::SmallVector<mlir::func::FuncOp> functionsOf(mlir::ModuleOp module);
/// The same, after erasing the private functions that are none of them: bodies of loops that never run.
llvm::SmallVector<mlir::func::FuncOp> eraseUnreached(mlir::ModuleOp module);
/// What of functions follows from that of their callees: `find` is called for each of `functions`, which are in the
/// order of functionsOf, and for all again as long as one has found something, if some call each other in circles.
void untilNothingIsFound(llvm::ArrayRef<mlir::func::FuncOp> functions,
                         llvm::function_ref<bool(mlir::func::FuncOp)> find);
/// Of these, those that call each other in circles (dialects/graph/recursion.h), each circle alone.
std::vector<llvm::SmallVector<mlir::func::FuncOp>> cyclesOf(llvm::ArrayRef<mlir::func::FuncOp> functions);
bool isEntry(mlir::func::FuncOp function);
/// The function that a call or kern.run calls; null if it runs a kernel.
mlir::func::FuncOp calledFunction(mlir::Operation *run);
/// All that an op calls, control flow included.
llvm::SmallVector<mlir::func::FuncOp> calledFunctions(mlir::Operation *op);
/// The ops that call each function, in the order of the module; one that calls it twice stands there twice.
llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Operation *>> callersIn(mlir::ModuleOp module);
/// Where the function's arena begins (plan-arena).
mlir::BlockArgument arenaArgument(mlir::func::FuncOp function);
/// Next multiple of bufferAlignment; the argument is below 2^63.
uint64_t alignBytes(uint64_t bytes);

/// Refuses sizes of the user that only planning finds too large (lower.h): a sentence for the user, at the op's place.
mlir::LogicalResult sizeLimitError(mlir::Operation *op, const llvm::Twine &message);

} // namespace graphc::lower
