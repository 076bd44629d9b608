// What all nodes of a model share while it is imported: where ops go, where weights go, where mistakes go, and how much
// may still be computed at import.
#pragma once
#include "compiler/onnx/read_model.h"
#include "compiler/onnx/value.h"
#include "compiler/onnx/weight_table.h"
#include "compiler/support/diagnostics.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphc::onnx {

struct ModelBuilder {
  ModelBuilder(mlir::ModuleOp module, mlir::OpBuilder builder, support::Diagnostics &diagnostics,
               llvm::StringRef folder)
      : module(module), builder(builder), diagnostics(diagnostics), tensors(folder) {}

  mlir::ModuleOp module;
  mlir::OpBuilder builder; // at the end of the entry's body
  support::Diagnostics &diagnostics;
  TensorReader tensors;
  WeightTable weights;
  int64_t nodesLeft = maxNodes;               // bounds the expansion of model-local functions
  int64_t evaluationsLeft = int64_t(1) << 27; // elements that may still be computed at import, over all nodes
};

} // namespace graphc::onnx
