// Files by descriptor: whole reads and writes, EINTR handled, errors as sentences. Nothing here allocates.
#pragma once
#include "core/message.h"
#include "graphc/types.h"

namespace graphc::runtime {

/// "no such file or directory" etc. for the usual errno values, "error 5" else: strerror is not safe with threads.
void describeError(Message &message, int error);

/// `cannot open 'w.safetensors': no such file or directory`; returns GRAPHC_ERR_IO.
graphc_status failFile(Message &message, const char *what, const char *path, int error);

/// Opens a regular file (nothing else: no FIFO, no device) and gives its size. -1 and a message on failure.
int openForReading(const char *path, uint64_t &bytes, Message &message);

/// Reads exactly `bytes` from `offset`. 0, an errno, or -1 if the file ends before.
int readAt(int file, void *out, uint64_t bytes, uint64_t offset);

/// Buffered writing. After the first error writes are ignored, and flush gives its errno.
class FileWriter {
public:
  explicit FileWriter(int file) : file(file) {}
  void write(const void *data, uint64_t bytes);
  int flush();

private:
  void drain();

  int file, error = 0;
  size_t used = 0;
  char buffer[16384];
};

} // namespace graphc::runtime
