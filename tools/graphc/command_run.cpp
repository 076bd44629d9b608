// graphc run: one call of an entry on .npy files.
#include "tools/graphc/call_on_files.h"
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/message.h"
#include "tools/graphc/tensor_file_name.h"

using namespace graphc;
using namespace graphc::cli;

int cli::runRun(const llvm::opt::InputArgList &arguments) {
  driver::CompileOptions request;
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  std::string inputs = arguments.getLastArgValue(OPT_inputs).str();
  CallFiles files;
  files.input = [&](llvm::StringRef name) { return pathIn(inputs, name); };
  files.output = [](llvm::StringRef name) { return tensorFileName(name); };
  files.outputs = arguments.getLastArgValue(OPT_outputs).str();
  return callOnFiles(arguments, request, arguments.getLastArgValue(OPT_entry), files);
}
