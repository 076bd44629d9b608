// manifest: what the folder holds, for build systems and tools, as JSON: library, level, hash, entries, params, files.
#pragma once
#include "compiler/support/library_description.h"

namespace graphc::package {

struct FileEntry {
  std::string name;
  uint64_t bytes = 0;
};

std::string manifestText(const support::LibraryDescription &library, const std::vector<FileEntry> &files);

} // namespace graphc::package
