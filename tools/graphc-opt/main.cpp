// graphc-opt: runs single passes on .mlir, for tests and for looking into a stage. Has the project's dialects and
// passes, and those of MLIR that stand between them.
#include "compiler/autodiff/autodiff.h"
#include "compiler/lower/lower.h"
#include "dialects/graph/graph_dialect.h"
#include "dialects/kern/kern_dialect.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#ifdef GRAPHC_HAS_OPTIMIZE
#include "compiler/optimize/optimize.h"
#endif

using namespace mlir;

int main(int argc, char **argv) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registry.insert<graphc::graph::GraphDialect, graphc::kern::KernDialect>();
  graphc::kern::registerBufferization(registry);
  registerTransformsPasses();
  registerConversionPasses();
  registerLinalgPasses();
  arith::registerArithPasses();
  bufferization::registerBufferizationPasses();
  memref::registerMemRefPasses();
  graphc::autodiff::registerPasses();
  graphc::lower::registerPasses();
#ifdef GRAPHC_HAS_OPTIMIZE
  graphc::optimize::registerPasses();
#endif
  return asMainReturnCode(MlirOptMain(argc, argv, "graphc pass runner\n", registry));
}
