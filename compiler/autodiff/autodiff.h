// autodiff: graph -> graph. Derivatives that the frontend asked for (graph.derivative) become calls of functions that
// are made here, by the rules of the ops (Differentiable). Knows interfaces and the structure ops, no op by name, and
// nothing of memory: everything that the reverse pass reads is stored. Before it and after it every function is one
// block of graph ops and calls; after it none holds graph.derivative.
#pragma once
#include "mlir/Pass/PassManager.h"

namespace graphc::autodiff {
void registerPasses();                       // for graphc-opt
void buildPipeline(mlir::OpPassManager &pm); // runs on the module
} // namespace graphc::autodiff
