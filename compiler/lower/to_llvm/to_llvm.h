// The end of lower: kernels (memref, vector, scf) and entries (calls) become the LLVM dialect.
#pragma once
#include "compiler/lower/lower.h"

namespace graphc::lower {
void appendToLlvm(mlir::OpPassManager &pm, const Options &options);
} // namespace graphc::lower
