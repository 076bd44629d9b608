// What graphc does when it is interrupted, crashes or has no memory: temporary folders go away, the exit code tells
// which (130, 70, 4), and nobody sees a stack trace or a half-written library.
#pragma once
#include <string>

namespace graphc::cli {

/// Called once, first thing in main.
void installHandlers();

/// A new private folder under $TMPDIR or /tmp, removed with all its files when this object dies or the program is
/// interrupted.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  /// Empty if it could not be made; error() says why.
  const std::string &path() const { return folder; }
  const std::string &error() const { return message; }

private:
  std::string folder, message;
};

} // namespace graphc::cli
