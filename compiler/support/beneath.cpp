// See beneath.h. O_NONBLOCK keeps a fifo from blocking the open; what is no regular file is refused by the caller after
// fstat.
#include "compiler/support/beneath.h"
#include "compiler/support/diagnostics.h"
#include "llvm/ADT/SmallVector.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace graphc::support;
using llvm::StringRef;

static constexpr int readFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

static std::string quoted(StringRef path) { return "'" + printable(path) + "'"; }

/// What can be said from the name alone. Empty if it is good.
static std::string checkName(StringRef path) {
  if (path.empty()) return "a file name is empty";
  if (path.contains('\0')) return quoted(path) + " holds a zero byte";
  if (path.starts_with("/"))
    return quoted(path) + " is an absolute path: a file named in a file must lie in its folder";
  llvm::SmallVector<StringRef> parts;
  path.split(parts, '/');
  for (StringRef part : parts)
    if (part == "..") return quoted(path) + " leaves the folder of the file that names it";
  return "";
}

static std::string systemError(StringRef path, int code) {
  if (code == EXDEV || code == ELOOP)
    return quoted(path) + " leaves the folder of the file that names it by a symbolic link";
  return "cannot open " + quoted(path) + ": " + strerror(code);
}

int graphc::support::openBeneathByWalk(int folder, StringRef path, std::string &error) {
  error = checkName(path);
  if (!error.empty()) return -1;
  llvm::SmallVector<StringRef> parts;
  path.split(parts, '/', -1, /*KeepEmpty=*/false);
  int current = dup(folder);
  for (size_t i = 0; current >= 0 && i < parts.size(); ++i) {
    int flags = i + 1 == parts.size() && !path.ends_with("/") ? readFlags : O_PATH | O_DIRECTORY | O_CLOEXEC;
    int next = openat(current, parts[i].str().c_str(), flags | O_NOFOLLOW);
    int code = errno;
    close(current);
    current = next;
    errno = code;
  }
  if (current < 0) error = systemError(path, errno);
  return current;
}

int graphc::support::openBeneath(int folder, StringRef path, std::string &error) {
  error = checkName(path);
  if (!error.empty()) return -1;
  open_how how = {};
  how.flags = readFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  std::string name = path.str();
  constexpr int attempts = 16; // EAGAIN: somebody renamed while the kernel looked
  for (int i = 0; i < attempts; ++i) {
    int file = static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how));
    if (file >= 0) return file;
    if (errno != EAGAIN && errno != EINTR) break;
  }
  if (errno == ENOSYS || errno == EPERM || errno == E2BIG) return openBeneathByWalk(folder, path, error);
  error = systemError(path, errno);
  return -1;
}
