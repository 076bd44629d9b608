// Builds one message in a fixed buffer: no allocation, no printf, always terminated. Text from files and callers goes
// through quoted(), which escapes what could steer a terminal; a message that does not fit is clipped at a whole
// character.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace graphc::runtime {

class Message {
public:
  Message(char *buffer, size_t bytes) : buffer(buffer), room(bytes) { clear(); }
  void clear();
  Message &operator<<(const char *text);
  Message &operator<<(uint64_t number);
  Message &signedNumber(int64_t number);
  /// 'name' in quotes, escaped; at most 96 bytes of it are shown, then "...".
  Message &quoted(const char *name, size_t bytes);
  Message &quoted(const char *name);
  /// f32[2, 3]; `dtype` is a graphc_dtype or UINT32_MAX.
  Message &type(uint32_t dtype, uint32_t rank, const int64_t *dims);

private:
  void append(const char *text, size_t bytes);

  char *buffer;
  size_t room, used = 0;
};

} // namespace graphc::runtime
