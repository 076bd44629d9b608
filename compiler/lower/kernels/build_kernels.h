// The passes of compiler/lower/kernels: specifications (kern.kernel) become vector code for one ISA level, math
// functions become polynomials, and fma becomes a product and a sum where a level has none. Order: build-kernels,
// expand-math, expand-small-floats, ..., to LLVM, split-fma.
#pragma once
#include "compiler/support/isa_level.h"
#include "mlir/Pass/Pass.h"

namespace graphc::lower {

/// Pass `build-kernels`: every kern.kernel becomes a private func.func of the same name, whose arguments are the
/// operands of kern.run in their order (ins, then outs): buffers as flat memref<1099511627776xT> (2^40 elements: every
/// index is flat and checked by nobody; they become bare pointers), sizes as index. Functions carry the level's target
/// attributes. kern.kernel is erased.
std::unique_ptr<mlir::Pass> createBuildKernelsPass(const support::IsaLevel &level);

/// Pass `expand-math`: exp and tanh of f32, scalar or vector, become arith, math.fma and vector ops. Refuses a math
/// function that would become a call of libm.
std::unique_ptr<mlir::Pass> createExpandMathPass();

/// Pass `expand-small-floats`: arithmetic and conversions of f16 and bf16, scalar or vector, become f32's and
/// integers'.
std::unique_ptr<mlir::Pass> createExpandSmallFloatsPass(const support::IsaLevel &level);
std::unique_ptr<mlir::Pass> createExpandSmallFloatsPass(); // native, for graphc-opt

/// Pass `split-fma`, on the LLVM dialect, for levels without fma: there an fma would call libm once per lane.
std::unique_ptr<mlir::Pass> createSplitFmaPass();

/// Makes the passes known to graphc-opt: build-kernels=level=x86-64-v3 (default: native), expand-math, ...
void registerKernelPasses();

} // namespace graphc::lower
