// graphc import: an ONNX model as a graph file, and its weights beside it.
#include "compiler/support/files.h"
#include "mlir/IR/MLIRContext.h"
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/message.h"
#include "llvm/Support/Path.h"

using namespace graphc;
using namespace graphc::cli;

int cli::runImport(const llvm::opt::InputArgList &arguments) {
  driver::CompileOptions request;
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  llvm::StringRef target = arguments.getLastArgValue(OPT_o), stem = llvm::sys::path::stem(target);
  if (target.empty()) return usageError("where to? give a graph file with '-o GRAPH.json'");
  if (!target.ends_with(".json") || stem.empty())
    return usageError("'" + support::printable(target) + "' is no name of a graph file: it ends in '.json'");
  std::string weightsName = stem.str() + ".safetensors";
  driver::ImportResult result;
  reportDiagnostics(arguments, [&](support::Diagnostics &diagnostics, mlir::MLIRContext &context) {
    result = driver::importOnnx(context, diagnostics, request.input, weightsName);
  });
  if (result.exitCode != driver::Ok)
    return result.error.empty() ? result.exitCode : fail(result.exitCode, result.error);
  llvm::StringRef folder = llvm::sys::path::parent_path(target);
  support::OutputFolder output(folder.empty() ? llvm::StringRef(".") : folder);
  bool good = output.open() && (result.weights.empty() || output.add(weightsName, result.weights)) &&
              output.add(llvm::sys::path::filename(target), result.json) && output.commit();
  return good ? static_cast<int>(driver::Ok) : fail(driver::File, output.error());
}
