// Saving: the params as row-major logical tensors under their paths, whatever their packing. Written to a temporary
// file beside the target, synced, then renamed over it, so the target is the old file or the whole new one at any
// moment. No allocation.
#include "core/dtype.h"
#include "core/file.h"
#include "core/model.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace graphc::runtime;

static constexpr size_t maxPath = 4096;

namespace {

/// Emits the header's text twice: with no writer to learn its length, then into the file.
class HeaderText {
public:
  explicit HeaderText(FileWriter *writer) : writer(writer) {}
  uint64_t length = 0;

  HeaderText &operator<<(const char *text) { return append(text, strlen(text)); }
  HeaderText &operator<<(uint64_t number) {
    char digits[24];
    Message message(digits, sizeof(digits));
    message << number;
    return *this << digits;
  }
  /// A JSON string; paths are UTF-8, so quote, backslash and control characters are all there is to escape.
  HeaderText &quoted(const char *text) {
    *this << "\"";
    for (; *text; ++text) {
      unsigned char c = static_cast<unsigned char>(*text);
      const char escape[] = {'\\', 'u', '0', '0', "0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15], 0};
      if (c < 0x20 || c == '"' || c == '\\')
        *this << escape;
      else
        append(text, 1);
    }
    return *this << "\"";
  }

private:
  HeaderText &append(const char *text, size_t bytes) {
    length += bytes;
    if (writer) writer->write(text, bytes);
    return *this;
  }

  FileWriter *writer;
};

} // namespace

static void emitHeader(HeaderText &text) {
  uint64_t begin = 0;
  text << "{";
  for (uint32_t i = 0; i < signature().param_count; ++i) {
    const graphc_param_info &param = signature().params[i];
    if (i) text << ",";
    text.quoted(param.path) << ":{\"dtype\":\"" << dtypes[param.dtype].fileName << "\",\"shape\":[";
    for (uint32_t d = 0; d < param.rank; ++d) text << (d ? "," : "") << static_cast<uint64_t>(param.dims[d]);
    text << "],\"data_offsets\":[" << begin << "," << begin + param.bytes << "]}";
    begin += param.bytes;
  }
  text << "}";
}

static void writeHeader(FileWriter &writer) {
  HeaderText measure(nullptr), text(&writer);
  emitHeader(measure);
  uint64_t padded = (measure.length + 7) / 8 * 8; // the data begin aligned, as the format's own writer does
  unsigned char length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>(padded >> (8 * i));
  writer.write(length, sizeof(length));
  emitHeader(text);
  for (uint64_t i = measure.length; i < padded; ++i) writer.write(" ", 1);
}

static void writeValues(FileWriter &writer, const char *params) {
  for (uint32_t i = 0; i < signature().param_count; ++i) {
    const graphc_param_info &param = signature().params[i];
    const char *stored = params + library().params[i].offset;
    if (library().params[i].layout != GRAPHC_LAYOUT_PANELS) {
      writer.write(stored, param.bytes);
      continue;
    }
    Panels panels = panelsOf(param);
    char buffer[1024];
    for (uint64_t done = 0; done < param.bytes;) {
      uint64_t piece = param.bytes - done < sizeof(buffer) ? param.bytes - done : sizeof(buffer);
      copyPanels(panels, buffer, done / panels.bytes, piece / panels.bytes, stored, false);
      writer.write(buffer, piece);
      done += piece;
    }
  }
}

/// 0 or an errno; the file is closed in any case.
static int writeFile(int file, const char *params) {
  FileWriter writer(file);
  writeHeader(writer);
  writeValues(writer, params);
  int error = writer.flush();
  if (!error && fsync(file) != 0) error = errno;
  if (close(file) != 0 && !error) error = errno;
  return error;
}

/// A new file beside `path`; its name is left in `name` (maxPath bytes). Negative errno on failure.
static int openTemporary(const char *path, char *name) {
  if (strlen(path) + 48 > maxPath) return -ENAMETOOLONG;
  for (uint64_t attempt = 0; attempt < 100; ++attempt) {
    Message text(name, maxPath);
    text << path << ".tmp-" << static_cast<uint64_t>(getpid()) << "-" << attempt;
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
    if (file >= 0) return file;
    if (errno != EEXIST && errno != EINTR) return -errno;
  }
  return -EEXIST;
}

extern "C" graphc_status graphc_abi_save(const void *pointer, const char *path) {
  graphc_status status = checkModel(pointer);
  if (status != GRAPHC_OK) return status;
  // Const to the caller's calls, which read params only; the message is the object's own.
  Model *model = const_cast<Model *>(static_cast<const Model *>(pointer));
  Message message = model->say();
  if (!path) {
    message << "the path is null";
    return GRAPHC_ERR_NULL;
  }
  if (model->waiting) {
    message << "param ";
    message.quoted(signature().params[model->waiting - 1].path) << " has no values yet, there is nothing to save";
    return GRAPHC_ERR_FORMAT;
  }
  char name[maxPath];
  int file = openTemporary(path, name);
  if (file < 0) return failFile(message, "write beside", path, -file);
  int error = writeFile(file, model->params());
  if (!error && rename(name, path) != 0) error = errno;
  if (!error) return GRAPHC_OK;
  unlink(name);
  return failFile(message, "write", path, error);
}
