// optimize: graph -> graph. Inlines calls, folds constants through Evaluable (result <= 1 MiB), canonicalizes (each
// op's fold), CSE, removes functions that no entry reaches. After it every entry is one straight-line function of graph
// ops.
#pragma once
#include "mlir/Pass/PassManager.h"

namespace graphc::optimize {
void registerPasses(); // for graphc-opt
/// Runs on the module. `inlineEverything`: also functions that are called more than once.
void buildPipeline(mlir::OpPassManager &pm, bool inlineEverything = false);
} // namespace graphc::optimize
