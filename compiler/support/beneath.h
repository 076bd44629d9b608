// Opening a file inside a folder and nowhere else, whatever links and names are there: the one guard against path
// traversal. Two ways with one contract: the kernel's (openat2, Linux 5.6) and a walk that follows no symbolic link at
// all.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <string>

namespace graphc::support {

/// A file descriptor, or -1 with a sentence that names `path`. `folder` is an open folder; `path` is relative to it.
int openBeneath(int folder, llvm::StringRef path, std::string &error);
/// For kernels without openat2: stricter, refuses symbolic links also where they stay inside.
int openBeneathByWalk(int folder, llvm::StringRef path, std::string &error);

} // namespace graphc::support
