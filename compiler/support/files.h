// Files that a user names. Reading goes through openData() alone, writing through OutputFolder alone (threats.md 1.2).
#pragma once
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>
#include <vector>

namespace graphc::support {

/// The bytes of a file, or an error sentence such as "cannot open 'w.safetensors': No such file or directory".
struct DataFile {
  std::unique_ptr<llvm::MemoryBuffer> bytes;
  std::string error;
  explicit operator bool() const { return bytes != nullptr; }
};

/// Opens a file named on the command line: regular files only (no fifo, device or folder), at most maxBytes. Copies the
/// bytes, so a file that changes or shrinks meanwhile cannot fault.
DataFile openData(llvm::StringRef path, uint64_t maxBytes);
/// Opens a file named inside another file (weights, includes): relative to `folder` and inside it: no absolute path, no
/// "..", no symbolic link out of it (openat2 RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS, with a checked fallback), no hard
/// link.
DataFile openDataBeneath(llvm::StringRef folder, llvm::StringRef path, uint64_t maxBytes);

/// A folder being filled: every file is written to a temporary name beside its target, flushed and fsynced; commit()
/// renames all of them, in the order added. The last one (the manifest) vouches for the others: an old one goes first.
/// Destroyed without commit, it removes the temporary files and, if it made the folder, the folder.
class OutputFolder {
public:
  explicit OutputFolder(llvm::StringRef path) : folder(path.empty() ? "." : path.str()) {}
  ~OutputFolder();
  OutputFolder(const OutputFolder &) = delete;
  /// Each of these: false, and error() says why ("cannot write 'lib/net.h': No space left on device").
  bool open(); // creates the folder (0777 & ~umask) and those above it if needed
  bool add(llvm::StringRef name, llvm::StringRef bytes);
  /// Path of an empty temporary file in the folder, for a writer of its own (lld); it takes part in commit() as `name`.
  /// Empty if it cannot be made.
  std::string reserve(llvm::StringRef name);
  bool commit();
  const std::string &error() const { return message; }

private:
  struct Pending {
    std::string temporary, name;
    bool replaces = false; // a file of that name was there before commit()
  };
  std::string target(llvm::StringRef name) const { return folder + "/" + name.str(); }
  bool fail(const char *verb, llvm::StringRef path, int code);
  int createTemporary(llvm::StringRef name);
  bool flush(llvm::StringRef name, llvm::StringRef temporary);
  void undo(size_t renamed);

  std::string folder, message;
  std::vector<std::string> made; // folders, outermost first
  std::vector<Pending> pending;
};

} // namespace graphc::support
