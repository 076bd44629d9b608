// Conversions of MLIR in the one order that leaves nothing over; the verifier runs between all of them.
#include "compiler/lower/to_llvm/to_llvm.h"
#include "compiler/lower/kernels/build_kernels.h"
#include "compiler/lower/passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void graphc::lower::appendToLlvm(OpPassManager &pm, const Options &options) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createConvertSCFToCFPass());
  pm.addPass(memref::createExpandStridedMetadataPass()); // leaves affine arithmetic
  pm.addPass(createLowerAffinePass());
  pm.addPass(arith::createArithExpandOpsPass()); // ceildivui and the like
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  ConvertFuncToLLVMPassOptions bare;
  bare.useBarePtrCallConv = true; // static memrefs become plain pointers: the ABI of entry bodies and kernels
  pm.addPass(createConvertFuncToLLVMPass(bare));
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createShareOutPass()); // behind them: sizes that are numbers are constants now
  pm.addPass(createSplitFmaPass()); // where the level has no fma, it would become a libm call per lane
  if (options.debug) pm.addPass(createDebugScopesPass(options.debugDirectory));
}
