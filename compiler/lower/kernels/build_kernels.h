// The passes of compiler/lower/kernels: specifications (kern.kernel) become vector code for their ISA level, math
// functions and conversions become arithmetic, and fma becomes a product and a sum where a level has none. Each reads
// the level of the kernel or function it works on (clone_levels.h); without one it is the lowest. Order: clone-levels,
// build-kernels, expand-conversions, expand-math, small-floats-as-bits, ..., to LLVM, split-fma.
#pragma once
#include "mlir/Pass/Pass.h"

namespace graphc::lower {

/// Pass `build-kernels`: every kern.kernel becomes a private func.func of the same name, whose arguments are the
/// operands of kern.run in their order (ins, then outs): buffers as flat memref<1099511627776xT> (2^40 elements: every
/// index is flat and checked by nobody; they become bare pointers), sizes as index. Functions carry its level
/// and the target attributes. kern.kernel is erased.
std::unique_ptr<mlir::Pass> createBuildKernelsPass();

/// Pass `expand-math`: math functions of f32 and f64, scalar or vector, become arith, math.fma and vector ops (and an
/// scf.if where an angle is huge). Refuses a math function that would become a call of libm.
std::unique_ptr<mlir::Pass> createExpandMathPass();

/// Pass `expand-conversions`: conversions between number types that the level lacks become integer code; those to
/// integers saturate; arithmetic on f16 and bf16, functions of math too, is done in f32: so it goes before expand-math.
std::unique_ptr<mlir::Pass> createExpandConversionsPass();

/// Pass `small-floats-as-bits`: i16 for f16 and bf16, in memory and in vectors.
std::unique_ptr<mlir::Pass> createSmallFloatsAsBitsPass();

/// Pass `split-fma`, on the LLVM dialect, in functions whose level has no fma: there an fma would call libm once per
/// lane.
std::unique_ptr<mlir::Pass> createSplitFmaPass();

/// Makes these passes known to graphc-opt.
void registerKernelPasses();

} // namespace graphc::lower
