// The pass of the autodiff stage.
#ifndef GRAPHC_COMPILER_AUTODIFF_PASSES_TD
#define GRAPHC_COMPILER_AUTODIFF_PASSES_TD
include "mlir/Pass/PassBase.td"

def ExpandDerivatives : Pass<"expand-derivatives", "::mlir::ModuleOp"> {
  let summary = "Puts calls of derived functions in the place of graph.derivative";
  let description = [{
    Functions are derived callee by callee, each once per set of active arguments, params and results: @f.jvp gives results and tangents,
    @f.fwd results and what @f.bwd needs of them, @f.bwd cotangents. All are ordinary functions of graph ops, so a function that holds a
    derivative can be derived again; it is expanded first.

    ```mlir
    %y, %dx = graph.derivative "vjp" @f(%x, %ct) wrt [0] of [0] params [] : ...
    // becomes
    %y, %residual = graph.call @f.fwd(%x) : ...
    %dx = graph.call @f.bwd(%residual, %ct) : ...
    ```
  }];
}
#endif
