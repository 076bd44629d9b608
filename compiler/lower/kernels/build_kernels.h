// The passes of compiler/lower/kernels: specifications (kern.kernel) become vector code for one ISA level, math
// functions and conversions become arithmetic, and fma becomes a product and a sum where a level has none. Order:
// build-kernels, expand-conversions, expand-math, expand-small-floats, ..., to LLVM, split-fma.
#pragma once
#include "compiler/support/isa_level.h"
#include "mlir/Pass/Pass.h"

namespace graphc::lower {

/// Pass `build-kernels`: every kern.kernel becomes a private func.func of the same name, whose arguments are the
/// operands of kern.run in their order (ins, then outs): buffers as flat memref<1099511627776xT> (2^40 elements: every
/// index is flat and checked by nobody; they become bare pointers), sizes as index. Functions carry the level's target
/// attributes. kern.kernel is erased.
std::unique_ptr<mlir::Pass> createBuildKernelsPass(const support::IsaLevel &level);

/// Pass `expand-math`: math functions of f32 and f64, scalar or vector, become arith, math.fma and vector ops (and an
/// scf.if where an angle is huge). Refuses a math function that would become a call of libm.
std::unique_ptr<mlir::Pass> createExpandMathPass(const support::IsaLevel &level);
std::unique_ptr<mlir::Pass> createExpandMathPass(); // level x86-64-v3

/// Pass `expand-conversions`: conversions between number types that the level lacks become integer code; those to
/// integers saturate; arithmetic on f16 and bf16, functions of math too, is done in f32: so it goes before expand-math.
std::unique_ptr<mlir::Pass> createExpandConversionsPass(const support::IsaLevel &level);
std::unique_ptr<mlir::Pass> createExpandConversionsPass(); // level x86-64-v3

/// Pass `expand-small-floats`: arithmetic and conversions of f16 and bf16, scalar or vector, become f32's and
/// integers'.
std::unique_ptr<mlir::Pass> createExpandSmallFloatsPass(const support::IsaLevel &level);
std::unique_ptr<mlir::Pass> createExpandSmallFloatsPass(); // native, for graphc-opt

/// Pass `split-fma`, on the LLVM dialect, for levels without fma: there an fma would call libm once per lane.
std::unique_ptr<mlir::Pass> createSplitFmaPass();

/// Makes these passes known to graphc-opt: build-kernels=level=x86-64-v3 (default: native), expand-conversions and
/// expand-math (the same option, default x86-64-v3), split-fma.
void registerKernelPasses();

} // namespace graphc::lower
