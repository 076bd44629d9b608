// Declarations of the optimize passes (passes.td).
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace graphc::optimize {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/optimize/passes.h.inc"
} // namespace graphc::optimize
