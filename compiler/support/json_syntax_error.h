// Why a JSON text is refused, in our words and at the narrowest place. The parser only says that it stopped; what it
// stopped at is found again here from the text behind the last good token, so that messages do not depend on the
// parser's.
#pragma once
#include "compiler/support/diagnostics.h"

namespace graphc::support {

/// What the parser had accepted when it stopped.
struct JsonParsed {
  enum Last { Nothing, OpenBracket, Key, Value } last = Nothing;
  uint32_t begin = 0, end = 0; // of the last token; end is where the rest begins
  bool inArray = false, inObject = false;
  uint32_t bracket = 0; // innermost open bracket, if inArray or inObject
};

/// First byte at or after `offset` that is neither space nor in a comment; `/` if a comment is not closed.
uint32_t skipJsonTrivia(llvm::StringRef text, uint32_t offset);
/// End of the JSON number that begins at `offset`, or `offset` if none does.
uint32_t jsonNumberEnd(llvm::StringRef text, uint32_t offset);
Diagnostic explainJsonError(llvm::StringRef text, uint32_t file, const JsonParsed &parsed);

} // namespace graphc::support
