// The stage as a page: every pass in order, with the reason for its place.
#include "compiler/lower/lower.h"
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/kernels/build_kernels.h"
#include "compiler/lower/passes.h"
#include "compiler/lower/to_llvm/to_llvm.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace graphc;

static void clean(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void lower::buildPipeline(OpPassManager &pm, const Options &options, support::LibraryDescription &library) {
  library.levels = options.levels;
  // Control flow is calls, as far as most passes are concerned.
  pm.addPass(createOutlineControlPass());
  // Each op becomes linalg by its own rule; from here on no graph op exists.
  pm.addPass(createLowerGraphOpsPass());
  pm.addPass(createDelayWritesPass());
  clean(pm);
  // All fusion happens on tensors, before memory exists: a plan of buffers must not grow older than its program.
  pm.addPass(createFuseElementwisePass());
  clean(pm);
  pm.addPass(createFuseUpdatesPass());
  pm.addPass(createFuseElementwisePass()); // a clipped gradient that only an update reads has one reader now
  pm.addPass(createFormGroupsPass(!options.strict));
  pm.addPass(createCanonicalizerPass()); // no CSE here: each run must keep an empty destination of its own
  // Memory at the borders, tensors inside; checked for the one trap that bufferization does not see.
  pm.addPass(createMakeBordersPass(&library));
  pm.addPass(createVerifyDestinationsPass());
  // Outputs are made in place. Without this pass (-O0) they are made elsewhere and copied: the oracle of the trap.
  if (options.optLevel > 0) pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(bufferization::createOneShotBufferizePass());
  clean(pm);
  pm.addPass(createCanonicalizerPass()); // self-copies go only in this second round
  if (options.optLevel == 0)
    pm.addPass(createGroupCopiesPass());
  else
    pm.addPass(createPlacePartsPass()); // lifetimes are planned of what it leaves
  pm.addPass(createPlanArenaPass(&library, options.memoryLimit));
  clean(pm);
  pm.addPass(createVerifyNoAllocNoCopyPass());
  // Everything above is the same at every level; everything below asks each function for its own.
  pm.addPass(createCloneLevelsPass(options.levels));
  if (options.profile) pm.addPass(createProfileRunsPass(&library));
  // Kernels first, so that the calls find functions.
  pm.addPass(createBuildKernelsPass());
  if (options.profile) pm.addPass(createNoteVectorsPass(&library));
  pm.addPass(createLowerGroupsPass());
  pm.addPass(createExpandConversionsPass());
  pm.addPass(createExpandMathPass()); // after it no math function is left that would call libm
  pm.addPass(createSmallFloatsAsBitsPass());
  appendToLlvm(pm, options);
}

namespace {
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  PassOptions::ListOption<std::string> levels{*this, "level", llvm::cl::desc("ISA levels (default x86-64-v3)")};
  PassOptions::Option<int> optLevel{*this, "opt-level", llvm::cl::desc("0 or 2"), llvm::cl::init(2)};
  PassOptions::Option<bool> debug{*this, "debug", llvm::cl::desc("DWARF scopes"), llvm::cl::init(false)};
};
} // namespace

void lower::registerPasses() {
  PassPipelineRegistration<PipelineOptions>(
      "lower-to-llvm", "The whole stage", [](OpPassManager &pm, const PipelineOptions &chosen) {
        static support::LibraryDescription unread; // outlives the run; graphc-opt shows the IR alone
        Options options;
        for (const std::string &name : chosen.levels)
          if (const support::IsaLevel *level = support::findIsaLevel(name)) options.levels.push_back(level);
        if (options.levels.empty()) options.levels = {support::findIsaLevel("x86-64-v3")};
        options.optLevel = chosen.optLevel;
        options.debug = chosen.debug;
        buildPipeline(pm, options, unread);
      });
  registerPass([] { return createOutlineControlPass(); });
  registerPass([] { return createLowerGraphOpsPass(); });
  registerPass([] { return createDelayWritesPass(); });
  registerPass([] { return createFuseElementwisePass(); });
  registerPass([] { return createFuseUpdatesPass(); });
  registerPass([] { return createFormGroupsPass(); });
  registerPass([] { return createMakeBordersPass(); });
  registerPass([] { return createVerifyDestinationsPass(); });
  registerPass([] { return createGroupCopiesPass(); });
  registerPass([] { return createPlacePartsPass(); });
  registerPass([] { return createPlanArenaPass(); });
  registerPass([] { return createVerifyNoAllocNoCopyPass(); });
  registerPass([] { return createCloneLevelsPass(); });
  registerPass([] { return createProfileRunsPass(); });
  registerPass([] { return createLowerGroupsPass(); });
  registerPass([] { return createShareOutPass(); });
  registerPass([] { return createDebugScopesPass(); });
  registerKernelPasses();
}
