// Writing a set of files: all or none. Temporary files carry names of our own (".graphc-<process>-<n>"), so a name of
// 255 bytes still has one; they are created with 0666 and the user's umask, exclusively, so nothing that lies there is
// followed or overwritten. They are registered with LLVM's signal handling: an interrupt removes them.
#include "compiler/support/diagnostics.h"
#include "compiler/support/files.h"
#include "llvm/Support/Signals.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace graphc::support;
using llvm::StringRef;

bool OutputFolder::fail(const char *verb, StringRef path, int code) {
  message = std::string("cannot ") + verb + " '" + printable(path) + "': " + strerror(code);
  return false;
}

bool OutputFolder::open() {
  // Every prefix of the path that ends before a slash, then the whole.
  for (size_t slash = 1; slash <= folder.size(); ++slash) {
    if (slash < folder.size() && folder[slash] != '/') continue;
    std::string prefix = folder.substr(0, slash);
    if (mkdir(prefix.c_str(), 0777) == 0) {
      made.push_back(prefix);
      continue;
    }
    int code = errno; // also EROFS or EACCES where the folder is there already
    struct stat info;
    if (stat(prefix.c_str(), &info) != 0) return fail("make the folder", prefix, code);
    if (!S_ISDIR(info.st_mode)) return fail("make the folder", prefix, ENOTDIR);
  }
  return true;
}

/// A descriptor of a new temporary file, appended to `pending`; or -1 with the message set.
int OutputFolder::createTemporary(StringRef name) {
  if (name.empty() || name == "." || name == ".." || name.contains('/') || name.contains('\0')) {
    fail("write", target(name), EINVAL);
    return -1;
  }
  constexpr int attempts = 10000; // names left behind by a process of this number that was killed
  for (int i = 0; i < attempts; ++i) {
    std::string path = target(".graphc-" + std::to_string(getpid()) + "-" + std::to_string(pending.size() + i));
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && (errno == EEXIST || errno == EINTR)) continue;
    if (file < 0) break;
    llvm::sys::RemoveFileOnSignal(path);
    pending.push_back({path, name.str()});
    return file;
  }
  fail("write", target(name), errno);
  return -1;
}

/// 0, or an error number.
static int writeAll(int file, StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    bytes = bytes.substr(static_cast<size_t>(count));
  }
  return fsync(file) == 0 ? 0 : errno;
}

bool OutputFolder::add(StringRef name, StringRef bytes) {
  int file = createTemporary(name);
  if (file < 0) return false;
  int code = writeAll(file, bytes);
  if (close(file) != 0 && code == 0) code = errno;
  return code == 0 || fail("write", target(name), code);
}

std::string OutputFolder::reserve(StringRef name) {
  int file = createTemporary(name);
  if (file < 0) return "";
  close(file);
  return pending.back().temporary;
}

bool OutputFolder::flush(StringRef name, StringRef temporary) {
  int file = ::open(temporary.str().c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail("write", target(name), errno);
  int code = fsync(file) == 0 ? 0 : errno;
  close(file);
  return code == 0 || fail("write", target(name), code);
}

/// Takes back the first `renamed` renames as far as that is possible: a file that replaced an older one stays (it is
/// whole).
void OutputFolder::undo(size_t renamed) {
  for (size_t i = 0; i < renamed; ++i)
    if (!pending[i].replaces) unlink(target(pending[i].name).c_str());
  pending.erase(pending.begin(), pending.begin() + renamed);
}

bool OutputFolder::commit() {
  // Everything that can be known to fail is tried before the first rename.
  for (Pending &file : pending) {
    struct stat info;
    std::string path = target(file.name);
    file.replaces = lstat(path.c_str(), &info) == 0;
    if (file.replaces && S_ISDIR(info.st_mode)) return fail("write", path, EISDIR);
    if (!flush(file.name, file.temporary)) return false;
  }
  // The last file vouches for the others (a manifest): whoever is stopped between two renames leaves no old one beside
  // new files.
  if (pending.size() > 1 && pending.back().replaces) unlink(target(pending.back().name).c_str());
  for (size_t i = 0; i < pending.size(); ++i) {
    std::string path = target(pending[i].name);
    if (rename(pending[i].temporary.c_str(), path.c_str()) != 0) {
      fail("write", path, errno);
      undo(i);
      return false;
    }
    llvm::sys::DontRemoveFileOnSignal(pending[i].temporary);
  }
  int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    fsync(directory); // best effort: some file systems cannot
    close(directory);
  }
  pending.clear();
  made.clear();
  return true;
}

OutputFolder::~OutputFolder() {
  for (const Pending &file : pending) {
    unlink(file.temporary.c_str());
    llvm::sys::DontRemoveFileOnSignal(file.temporary);
  }
  for (size_t i = made.size(); i > 0; --i) rmdir(made[i - 1].c_str());
}
