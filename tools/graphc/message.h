// What graphc says on stderr that is not about a place in a file, and the words to choose from.
#pragma once
#include "compiler/support/diagnostics.h"
#include "llvm/ADT/Twine.h"
#include <optional>
#include <vector>

namespace graphc::cli {

/// Prints "graphc: error: ..." and returns the exit code.
int fail(int exitCode, const llvm::Twine &message);
/// A usage error: fail(2, ...).
int usageError(const llvm::Twine &message);
/// Colour on stderr: a terminal, and neither NO_COLOR nor TERM=dumb.
bool colourWanted();
/// True if `word` is one of `choices`; else a sentence in `error`: "'fast' is no 'stage' (a, b), did you mean ...".
bool isChoice(llvm::StringRef word, llvm::StringRef option, llvm::ArrayRef<llvm::StringRef> choices,
              std::string &error);
/// "a, b, c"
std::string listWords(llvm::ArrayRef<llvm::StringRef> words);

} // namespace graphc::cli
