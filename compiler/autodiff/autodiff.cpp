// The order of the autodiff stage, and registration of its passes.
#include "compiler/autodiff/autodiff.h"
#include "compiler/autodiff/passes.h"

namespace graphc::autodiff {

void registerPasses() { registerGraphcAutodiffPasses(); }

void buildPipeline(mlir::OpPassManager &pm) {
  pm.addPass(createNarrowPrecision()); // before the derivatives: these are of what is computed
  pm.addPass(createExpandDerivatives());
}

} // namespace graphc::autodiff
