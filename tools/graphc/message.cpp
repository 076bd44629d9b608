// One style for all messages of the command line: lower case, one sentence, no final stop, the user's words quoted and
// printable.
#include "tools/graphc/message.h"
#include "compiler/driver/driver.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace graphc;

bool cli::colourWanted() {
  const char *noColour = getenv("NO_COLOR"), *terminal = getenv("TERM");
  if (noColour && *noColour) return false;
  return terminal && llvm::StringRef(terminal) != "dumb" && llvm::errs().is_displayed();
}

int cli::fail(int exitCode, const llvm::Twine &message) {
  bool colour = colourWanted();
  llvm::errs() << "graphc: " << (colour ? "\x1b[1;31m" : "") << "error: " << (colour ? "\x1b[0m" : "") << message
               << "\n";
  return exitCode;
}

int cli::usageError(const llvm::Twine &message) { return fail(driver::Usage, message); }

std::string cli::listWords(llvm::ArrayRef<llvm::StringRef> words) {
  std::string list;
  for (llvm::StringRef word : words) list += (list.empty() ? "" : ", ") + word.str();
  return list;
}

bool cli::isChoice(llvm::StringRef word, llvm::StringRef option, llvm::ArrayRef<llvm::StringRef> choices,
                   std::string &error) {
  if (llvm::is_contained(choices, word)) return true;
  std::string nearest = support::didYouMean(word, choices);
  error = "'" + support::printable(word) + "' is no value of '" + option.str() + "'" +
          (nearest.empty() ? ", which takes " + listWords(choices) : nearest);
  return false;
}
