// graphc vjp and graphc jvp: derivatives of an entry of a JSON graph or an ONNX model, on .npy files. The derivative is
// compiled as an entry of its own (derive_entry.h); a file for a seed says that it is not zero.
#include "tools/graphc/call_on_files.h"
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/message.h"
#include "tools/graphc/tensor_file_name.h"
#include "llvm/Support/FileSystem.h"

using namespace graphc;
using namespace graphc::cli;

static int runDerivative(const llvm::opt::InputArgList &arguments, llvm::StringRef kind, llvm::StringRef seeds,
                         llvm::StringRef option) {
  driver::CompileOptions request;
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  if (seeds.empty()) return usageError("give the folder of the seeds with '" + option + " DIR'");
  request.derivative.kind = kind.str();
  request.derivative.entry = arguments.getLastArgValue(OPT_entry).str();
  llvm::SmallVector<llvm::StringRef> names;
  arguments.getLastArgValue(OPT_wrt).split(names, ',', -1, /*KeepEmpty=*/false);
  request.derivative.wrt.assign(names.begin(), names.end());
  request.derivative.hasSeed = [&](llvm::StringRef name) { return llvm::sys::fs::exists(pathIn(seeds, name)); };
  std::string inputs = arguments.getLastArgValue(OPT_inputs).str();
  CallFiles files;
  files.input = [&](llvm::StringRef name) {
    return name.consume_front(driver::seedPrefix) ? pathIn(seeds, name) : pathIn(inputs, name);
  };
  files.output = [](llvm::StringRef name) {
    name.consume_front(driver::derivativePrefix);
    return tensorFileName(name);
  };
  files.outputs = arguments.getLastArgValue(OPT_outputs).str();
  return callOnFiles(arguments, request, "", files);
}

int cli::runVjp(const llvm::opt::InputArgList &arguments) {
  return runDerivative(arguments, "vjp", arguments.getLastArgValue(OPT_cotangents), "--cotangents");
}

int cli::runJvp(const llvm::opt::InputArgList &arguments) {
  return runDerivative(arguments, "jvp", arguments.getLastArgValue(OPT_tangents), "--tangents");
}
