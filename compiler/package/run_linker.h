// lld in this process, on objects in memory: nothing to clean up, no disk to fill.
#pragma once
#include <string>
#include <vector>

namespace graphc::package {

/// Bytes as an anonymous file, which lld can read by a path.
class MemoryFile {
public:
  explicit MemoryFile(const std::string &bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile &) = delete;
  explicit operator bool() const { return complete; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }
  /// Why it is not complete.
  std::string error() const;

private:
  int descriptor;
  bool complete = false;
  int reason = 0;
};

/// False with lld's words in `error`.
bool runLinker(std::vector<const char *> arguments, std::string &error);

} // namespace graphc::package
