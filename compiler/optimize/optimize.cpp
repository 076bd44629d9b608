// The order of the optimize stage, and registration of its passes.
#include "compiler/optimize/optimize.h"
#include "compiler/optimize/passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace graphc::optimize {

void registerPasses() { registerGraphcOptimizePasses(); }

void buildPipeline(OpPassManager &pm, bool inlineEverything) {
  pm.addPass(createInlineCalls({inlineEverything}));
  pm.addPass(createSymbolDCEPass()); // functions that nobody calls any more; parameters are public and stay
  pm.addPass(createOrderReads());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass()); // each op's fold, and dead ops
  pm.addPass(createSumAfterScans());                         // before what it reads is taken from the bodies
  pm.addPass(createLiftFromScans());
  pm.addPass(createSymbolDCEPass()); // bodies that were copied
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createCanonicalizerPass()); // the sequences' reshapes
  functions.addPass(createChannelsLast());
  functions.addPass(createFoldConstants());     // small constants that go along among them
  functions.addPass(createCanonicalizerPass()); // folds that became possible: x * (2 - 1)
  functions.addPass(createCSEPass());
  pm.addPass(createSymbolDCEPass());  // regions of control flow whose results nobody needed
  pm.addPass(createSpecializeDims()); // last: of what is left
}

} // namespace graphc::optimize
