// onnx: a model file -> `graph` dialect, the same module that the frontend makes of JSON: one entry @predict, graph
// inputs and outputs under their ONNX names, large initializers as params "predict.<name>". Every value that follows
// from the file alone is computed here (Shape, Reshape targets, ...), so the graph that comes out has constant shapes.
// The file is hostile: sizes are checked before memory is taken, nothing recurses over it but calls of model-local
// functions, whose depth is bounded.
#pragma once
#include "compiler/support/diagnostics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <vector>

namespace graphc::onnx {

struct ImportedModel {
  mlir::OwningOpRef<mlir::ModuleOp> module; // null after at least one error was reported
  std::string weights;                      // values of all params: the bytes of a safetensors file; empty if none
  std::vector<std::string> readFiles;       // external data, as named from where the model's path starts
};

/// Imports the file `path`, whose bytes are `bytes`. External data are read from its folder alone. `libraryName`, if
/// not empty, stands for the file's stem.
ImportedModel importModel(mlir::MLIRContext &context, support::Diagnostics &diagnostics, llvm::StringRef path,
                          llvm::StringRef bytes, llvm::StringRef libraryName = "");

/// True for a path that ends in ".onnx".
bool isModelPath(llvm::StringRef path);

} // namespace graphc::onnx
