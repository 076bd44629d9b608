// Text of the user's inside a C comment: it can neither end the comment nor change what the compiler or a terminal
// reads.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <string>

namespace graphc::package {

/// Line ends become a line end and `indent`; comment marks, trigraphs, control, bidirectional and broken characters are
/// defused.
std::string commentText(llvm::StringRef text, llvm::StringRef indent);

} // namespace graphc::package
