// See file.h.
#include "core/file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace graphc::runtime;

void graphc::runtime::describeError(Message &message, int error) {
  switch (error) {
  case -1:
    message << "it ends early";
    return;
  case ENOENT:
    message << "no such file or directory";
    return;
  case EACCES:
  case EPERM:
    message << "permission denied";
    return;
  case ENOSPC:
    message << "no space left on the device";
    return;
  case EDQUOT:
    message << "the disk quota is used up";
    return;
  case EROFS:
    message << "the file system is read-only";
    return;
  case EISDIR:
    message << "it is a directory";
    return;
  case ENOTDIR:
    message << "a part of the path is no directory";
    return;
  case ENAMETOOLONG:
    message << "the name is too long";
    return;
  case ELOOP:
    message << "too many symbolic links";
    return;
  case EMFILE:
  case ENFILE:
    message << "too many open files";
    return;
  case EIO:
    message << "the device failed";
    return;
  case ENOMEM:
    message << "out of memory";
    return;
  default:
    message << "system error " << static_cast<uint64_t>(error);
    return;
  }
}

graphc_status graphc::runtime::failFile(Message &message, const char *what, const char *path, int error) {
  message.clear();
  message << "cannot " << what << " ";
  message.quoted(path) << ": ";
  describeError(message, error);
  return GRAPHC_ERR_IO;
}

int graphc::runtime::openForReading(const char *path, uint64_t &bytes, Message &message) {
  int file;
  do { // O_NONBLOCK: opening a FIFO must not wait for a writer
    file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  } while (file < 0 && errno == EINTR);
  if (file < 0) {
    failFile(message, "open", path, errno);
    return -1;
  }
  struct stat status;
  int error = fstat(file, &status) == 0 ? 0 : errno;
  if (!error && S_ISREG(status.st_mode)) {
    bytes = static_cast<uint64_t>(status.st_size);
    return file;
  }
  if (error || S_ISDIR(status.st_mode)) {
    failFile(message, "read", path, error ? error : EISDIR);
  } else {
    message.clear();
    message << "cannot read ";
    message.quoted(path) << ": it is no regular file";
  }
  close(file);
  return -1;
}

int graphc::runtime::readAt(int file, void *out, uint64_t bytes, uint64_t offset) {
  char *to = static_cast<char *>(out);
  while (bytes) {
    ssize_t got = pread(file, to, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return -1;
    to += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<uint64_t>(got);
  }
  return 0;
}

void FileWriter::write(const void *data, uint64_t bytes) {
  const char *from = static_cast<const char *>(data);
  while (bytes && !error) {
    uint64_t piece = sizeof(buffer) - used < bytes ? sizeof(buffer) - used : bytes;
    memcpy(buffer + used, from, piece);
    used += piece;
    from += piece;
    bytes -= piece;
    if (used == sizeof(buffer)) drain();
  }
}

void FileWriter::drain() {
  size_t done = 0;
  while (done < used && !error) {
    ssize_t count = ::write(file, buffer + done, used - done);
    if (count >= 0)
      done += static_cast<size_t>(count);
    else if (errno != EINTR)
      error = errno;
  }
  used = 0;
}

int FileWriter::flush() {
  drain();
  return error;
}
