// Pass build-kernels: finds the builder of each kern.kernel by its name and puts the function in the kernel's place.
#include "compiler/lower/kernels/build_kernels.h"
#include "compiler/lower/clone_levels.h"
#include "compiler/lower/kernels/kernel_builder.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace graphc;
using namespace graphc::lower;

namespace {
using Builder = LogicalResult (*)(KernelBuilder &);

LogicalResult buildKernel(kern::KernelOp kernel) {
  Builder builder = llvm::StringSwitch<Builder>(kernel.getBuilder())
                        .Case("elementwise", buildElementwise)
                        .Case("contraction", buildContraction)
                        .Case("winograd_input", buildWinogradInput)
                        .Case("winograd_output", buildWinogradOutput)
                        .Case("rows", buildRows)
                        .Case("windows", buildWindows)
                        .Case("reduction", buildReduction)
                        .Case("pack_panels", buildPackPanels)
                        .Case("loops", buildLoops)
                        .Default(nullptr);
  if (!builder) return kernel.emitOpError("has no builder");
  KernelBuilder b(kernel, levelOf(kernel));
  if (failed(builder(b))) return failure();
  b.create<func::ReturnOp>();
  kernel.erase();
  return success();
}

struct BuildKernels : PassWrapper<BuildKernels, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BuildKernels)
  StringRef getArgument() const final { return "build-kernels"; }
  StringRef getDescription() const final { return "Turn kern.kernel into vector code for its ISA level"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                    scf::SCFDialect, vector::VectorDialect>();
  }
  void runOnOperation() final {
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<kern::KernelOp>()))
      if (failed(buildKernel(kernel))) return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> graphc::lower::createBuildKernelsPass() { return std::make_unique<BuildKernels>(); }

void graphc::lower::registerKernelPasses() {
  PassRegistration<BuildKernels>();
  registerPass([] { return createExpandConversionsPass(); });
  registerPass([] { return createExpandMathPass(); });
  registerPass([] { return createSmallFloatsAsBitsPass(); });
  registerPass([] { return createSplitFmaPass(); });
}
