// Texts that the user's input came from, and places in them. A place is a byte range of a registered text; line and
// column are computed when a message is rendered. Embedded files (the standard layers) are texts too, with paths that
// begin "std:".
#pragma once
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace graphc::support {

struct Span {
  uint32_t file = 0;           // 0 = no place
  uint32_t begin = 0, end = 0; // bytes, half open
  explicit operator bool() const { return file != 0; }
};

struct LineColumn {
  uint32_t line = 1, column = 1; // column counts code points from 1
};

class Sources {
public:
  /// Registers a text (kept; references stay valid) and returns its file id (>= 1).
  uint32_t add(std::string path, std::string text);
  llvm::StringRef path(uint32_t file) const;
  /// The id of the text registered under `path`, or 0.
  uint32_t find(llvm::StringRef path) const {
    for (uint32_t i = 0; i < files.size(); ++i)
      if (files[i].path == path) return i + 1;
    return 0;
  }
  llvm::StringRef text(uint32_t file) const;
  LineColumn lineColumn(uint32_t file, uint32_t offset) const;
  /// The line that holds `offset`, without its end.
  llvm::StringRef line(uint32_t file, uint32_t offset) const;
  uint32_t lineBegin(uint32_t file, uint32_t offset) const;

private:
  struct File {
    std::string path, text;
    mutable std::vector<uint32_t> lineStarts;      // lazily
    mutable std::vector<uint32_t> characterCounts; // lazily: code points before each block of bytes
  };
  const File &get(uint32_t file) const;
  std::deque<File> files;
};

} // namespace graphc::support
