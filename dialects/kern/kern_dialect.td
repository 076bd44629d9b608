// The dialect itself, for the files of its ops.
#ifndef GRAPHC_DIALECTS_KERN_KERN_DIALECT_TD
#define GRAPHC_DIALECTS_KERN_KERN_DIALECT_TD
include "mlir/IR/DialectBase.td"

def Kern_Dialect : Dialect {
  let name = "kern";
  let cppNamespace = "::graphc::kern";
  let summary = "Fused groups and the specifications of their kernels";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}
#endif
