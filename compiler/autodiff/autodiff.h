// autodiff: graph -> graph. Derivatives that the frontend asked for (graph.derivative) become calls of functions that
// are made here, by the rules of the ops (Differentiable). Knows interfaces and the structure ops, no op by name. What
// the reverse pass reads is stored or made again, whichever costs less (choose_residuals.h); a limit on memory counts
// here for what loops keep of their turns alone. Before it and after it every function is one block of graph ops, calls
// and control flow; after it none holds graph.derivative.
#pragma once
#include "mlir/Pass/PassManager.h"

namespace graphc::autodiff {
void registerPasses(); // for graphc-opt

/// Runs on the module. `memoryLimit`: a loop that would keep more bytes of its turns than that keeps its carries alone
/// and runs them again, unless the user says how; 0: no limit.
void buildPipeline(mlir::OpPassManager &pm, uint64_t memoryLimit = 0);

/// An attribute of the module behind the stage: for each loop that a reverse derivative passes a dictionary of its
/// `node` (a location), the most `turns`, the `bytes` that each keeps, and `again` if they run twice; or,
/// of a loop with checkpoints, the `bytes` in all and up to how many turns run no more than `twice`. For each recursion
/// with a tape likewise its function's name as `recursion`, the most `calls` and the `bytes` of each.
inline constexpr llvm::StringLiteral loopMemoryAttr = "graph.loop_memory";
} // namespace graphc::autodiff
