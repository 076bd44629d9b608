// Declaration of the autodiff pass (passes.td).
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace graphc::autodiff {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/autodiff/passes.h.inc"
} // namespace graphc::autodiff
