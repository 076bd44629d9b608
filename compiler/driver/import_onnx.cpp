// `graphc import`: the importer's module as text of the language.
#include "compiler/driver/big_stack_thread.h"
#include "compiler/driver/driver.h"
#include "compiler/onnx/onnx.h"
#include "compiler/print_json/print_json.h"
#include "compiler/support/files.h"
#include "mlir/IR/Diagnostics.h"

using namespace graphc;
using namespace graphc::driver;

static constexpr uint64_t maxModelBytes = uint64_t(1) << 31;

static void import(mlir::MLIRContext &context, support::Diagnostics &diagnostics, llvm::StringRef path,
                   llvm::StringRef weightsName, ImportResult &result) {
  support::DataFile file = support::openData(path, maxModelBytes);
  if (!file) {
    result.exitCode = File;
    result.error = file.error;
    return;
  }
  mlir::ScopedDiagnosticHandler capture(&context, [](mlir::Diagnostic &) { return mlir::success(); });
  onnx::ImportedModel model = onnx::importModel(context, diagnostics, path, file.bytes->getBuffer());
  if (diagnostics.hasErrors() || !model.module) {
    result.exitCode = Mistake;
    return;
  }
  std::optional<std::string> json = print_json::graphText(*model.module, model.weights.empty() ? "" : weightsName);
  if (!json) {
    result.exitCode = Internal;
    result.error = "internal error: the imported graph has no form in the language";
    return;
  }
  result.json = std::move(*json);
  result.weights = std::move(model.weights);
}

ImportResult driver::importOnnx(mlir::MLIRContext &context, support::Diagnostics &diagnostics, llvm::StringRef path,
                                llvm::StringRef weightsName) {
  ImportResult result;
  runOnBigStack([&] { import(context, diagnostics, path, weightsName, result); });
  return result;
}
