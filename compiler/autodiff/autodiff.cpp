// The order of the autodiff stage, and registration of its pass.
#include "compiler/autodiff/autodiff.h"
#include "compiler/autodiff/passes.h"

namespace graphc::autodiff {

void registerPasses() { registerGraphcAutodiffPasses(); }

void buildPipeline(mlir::OpPassManager &pm) { pm.addPass(createExpandDerivatives()); }

} // namespace graphc::autodiff
