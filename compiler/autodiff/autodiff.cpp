// The order of the autodiff stage, and registration of its passes.
#include "compiler/autodiff/autodiff.h"
#include "compiler/autodiff/passes.h"

namespace graphc::autodiff {

void registerPasses() { registerGraphcAutodiffPasses(); }

void buildPipeline(mlir::OpPassManager &pm, uint64_t memoryLimit) {
  pm.addPass(createNarrowPrecision()); // before the derivatives: these are of what is computed
  ExpandDerivativesOptions options;
  options.memoryLimit = memoryLimit;
  pm.addPass(createExpandDerivatives(options));
}

} // namespace graphc::autodiff
