// What stages leave in attributes of the module for the driver.
#pragma once
#include "compiler/driver/driver.h"
#include "compiler/driver/embed_weights.h"

namespace graphc::driver {

/// graph.weights (compiler/frontend/weight_files.h): paths as the graph writes them; no bytes yet.
std::vector<WeightFile> weightFilesOf(mlir::ModuleOp module, const support::Sources &sources);

/// autodiff::loopMemoryAttr, which is removed.
std::vector<LoopMemory> takeLoopMemory(mlir::ModuleOp module);

} // namespace graphc::driver
