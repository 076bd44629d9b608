// graphc explain [CODE]: what a code in a message means, with an example; without a code, the list of all.
#include "compiler/driver/driver.h"
#include "tools/graphc/command.h"
#include "tools/graphc/message.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphc;
using namespace graphc::cli;

int cli::runExplain(const llvm::opt::InputArgList &arguments) {
  llvm::StringRef wanted = arguments.getLastArgValue(OPT_INPUT);
  if (wanted.empty()) {
    for (const support::CodeInfo &info : support::diagnosticCodes())
      llvm::outs() << info.code << "  " << info.title << "\n";
    return driver::Ok;
  }
  const support::CodeInfo *info = support::findDiagnosticCode(wanted.upper());
  if (!info) {
    std::vector<llvm::StringRef> codes;
    for (const support::CodeInfo &known : support::diagnosticCodes()) codes.push_back(known.code);
    return usageError("'" + support::printable(wanted) + "' is no code of a message" +
                      support::didYouMean(wanted.upper(), codes) + "; 'graphc explain' lists them");
  }
  llvm::outs() << info->code << ": " << info->title << "\n\n" << info->explanation.trim('\n') << "\n";
  return driver::Ok;
}
