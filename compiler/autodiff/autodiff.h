// autodiff: graph -> graph. Derivatives that the frontend asked for (graph.derivative) become calls of functions that
// are made here, by the rules of the ops (Differentiable). Knows interfaces and the structure ops, no op by name. What
// the reverse pass reads is stored or made again, whichever costs less (choose_residuals.h); a limit on memory counts
// here for what loops keep of their turns alone. Before it and after it every function is one block of graph ops, calls
// and control flow; after it none holds graph.derivative.
#pragma once
#include "mlir/Pass/PassManager.h"

namespace graphc::autodiff {
void registerPasses(); // for graphc-opt

/// Runs on the module. `memoryLimit`: a loop that would keep more bytes of its turns than that keeps carries and runs
/// the turns again, unless the user says how; 0: no limit.
void buildPipeline(mlir::OpPassManager &pm, uint64_t memoryLimit = 0);

/// An attribute of the module behind the stage: for each loop that a reverse derivative passes a dictionary of its
/// `node` (a location), the `mode` ("tape", "carries", "segments", "online"), the most `turns`, the `bytes` that its
/// way back keeps in all at the largest sizes, of segments the `length`; or, of "online", whose bytes depend on no
/// number of turns, how many `turns` run no more than twice, and how often each of a million runs (`millionth`). For
/// each recursion with a tape likewise: its function's name as `recursion`, mode "tape", its calls as `turns`.
inline constexpr llvm::StringLiteral loopMemoryAttr = "graph.loop_memory";
} // namespace graphc::autodiff
