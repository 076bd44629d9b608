// The passes of the autodiff stage.
#ifndef GRAPHC_COMPILER_AUTODIFF_PASSES_TD
#define GRAPHC_COMPILER_AUTODIFF_PASSES_TD
include "mlir/Pass/PassBase.td"

def NarrowPrecision : Pass<"narrow-precision", "::mlir::ModuleOp"> {
  let summary = "Contractions, and what lies between them, in 16 bits where a function asks for it";
  let description = [{
    A function with graph.precision "bf16" or "f16" and, as clones, all that it calls or derives. Each op says what may be done with it.

    ```mlir
    %y = graph.matmul %x, %w : tensor<8x64xf32>, tensor<64x10xf32>
    // becomes
    %y = graph.matmul %xn, %wn : tensor<8x64xbf16>, tensor<64x10xbf16>   // of casts of %x and %w; cast back for those who read it in f32
    ```
  }];
}

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
  let options = [Option<"keepAll", "keep-all", "bool", "false",
                        "All that @f.bwd reads is kept, and nothing made again: what the choice of residuals is compared with">,
                 Option<"memoryLimit", "memory-limit", "uint64_t", "0",
                        "Bytes above which a loop keeps its carries alone, unless it says how it is gone back; 0: no limit">];
}
#endif
