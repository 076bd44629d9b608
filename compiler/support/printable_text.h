// Texts from users' files on a terminal: code points that are not printable (controls, which drive terminals;
// bidirectional marks, which reorder what is read) and bytes that are no UTF-8 are shown as escapes.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <string>

namespace graphc::support {

/// The first character of `text` (not empty): how many bytes it takes, how it is shown, and how many columns that
/// takes.
struct ShownCharacter {
  size_t bytes;
  std::string shown;
  unsigned columns;
};
ShownCharacter firstCharacter(llvm::StringRef text);

} // namespace graphc::support
