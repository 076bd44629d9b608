// Reading the files that a user names. A file is measured (fstat) before memory is taken and copied whole from one
// descriptor, so it cannot be swapped, grow or shrink under the reader.
#include "compiler/support/files.h"
#include "compiler/support/beneath.h"
#include "compiler/support/diagnostics.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace graphc::support;
using llvm::StringRef;

namespace {
struct Descriptor { // closes itself
  int number;
  explicit Descriptor(int number) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};
} // namespace

static DataFile refused(std::string error) {
  DataFile file;
  file.error = std::move(error);
  return file;
}

static std::string cannot(const char *verb, StringRef path, int code) {
  return std::string("cannot ") + verb + " '" + printable(path) + "': " + strerror(code);
}

/// True if exactly buffer.size() bytes were left in the file; errno is 0 where the number differs.
static bool readExactly(int file, llvm::MutableArrayRef<char> buffer) {
  size_t done = 0;
  char extra;
  while (true) {
    bool full = done == buffer.size();
    ssize_t count = full ? read(file, &extra, 1) : read(file, buffer.data() + done, buffer.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    errno = 0;
    if (count == 0) return full;
    if (full) return false;
    done += static_cast<size_t>(count);
  }
}

/// Reads the open file, of which `shown` is the name for messages.
static DataFile readWhole(int file, StringRef path, StringRef shown, uint64_t maxBytes, bool single) {
  struct stat info;
  std::string name = "'" + printable(shown) + "'";
  if (fstat(file, &info) != 0) return refused(cannot("read", shown, errno));
  if (S_ISDIR(info.st_mode)) return refused(name + " is a folder, not a file");
  if (!S_ISREG(info.st_mode)) return refused(name + " is no regular file");
  if (single && info.st_nlink > 1)
    return refused(name +
                   " is a hard link, so it may be a file of another folder: copy it, or name it on the command line");
  uint64_t bytes = static_cast<uint64_t>(info.st_size);
  if (bytes > maxBytes)
    return refused(name + " has " + std::to_string(bytes) + " bytes, the limit is " + std::to_string(maxBytes));
  auto buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(bytes, path);
  if (!buffer) return refused(cannot("read", shown, ENOMEM));
  if (!readExactly(file, buffer->getBuffer()))
    return refused(errno ? cannot("read", shown, errno) : name + " changed while it was read");
  DataFile result;
  result.bytes = std::move(buffer);
  return result;
}

DataFile graphc::support::openData(StringRef path, uint64_t maxBytes) {
  if (path.contains('\0')) return refused("'" + printable(path) + "' holds a zero byte");
  Descriptor file(open(path.str().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number < 0) return refused(cannot("open", path, errno));
  return readWhole(file.number, path, path, maxBytes, /*single=*/false);
}

DataFile graphc::support::openDataBeneath(StringRef folder, StringRef path, uint64_t maxBytes) {
  std::string base = folder.empty() ? "." : folder.str();
  Descriptor start(open(base.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (start.number < 0) return refused(cannot("open", folder, errno));
  std::string error;
  Descriptor file(openBeneath(start.number, path, error));
  if (file.number < 0) return refused(error);
  return readWhole(file.number, base + "/" + path.str(), path, maxBytes, /*single=*/true);
}
