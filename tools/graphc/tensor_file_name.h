// The file of a tensor in --inputs and --outputs: its name, percent-encoded outside [A-Za-z0-9_.-], and ".npy".
#pragma once
#include "llvm/ADT/StringRef.h"
#include <string>

namespace graphc::cli {

std::string tensorFileName(llvm::StringRef tensor);

} // namespace graphc::cli
