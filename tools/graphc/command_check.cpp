// graphc check: every mistake in the graph and its weight files; nothing is written.
#include "tools/graphc/command.h"
#include "tools/graphc/compile_request.h"
#include "tools/graphc/message.h"

using namespace graphc;

int cli::runCheck(const llvm::opt::InputArgList &arguments) {
  driver::CompileOptions request;
  std::string error;
  if (!readCompileOptions(arguments, request, error)) return usageError(error);
  return compileAndReport(arguments, request).exitCode;
}
