// Message: see message.h.
#include "core/message.h"
#include "core/dtype.h"
#include <string.h>

using namespace graphc::runtime;

static constexpr size_t shownName = 96;

void Message::clear() {
  used = 0;
  if (room) buffer[0] = 0;
}

void Message::append(const char *text, size_t bytes) {
  if (!room) return;
  size_t left = room - 1 - used;
  if (bytes > left) {
    bytes = left;
    while (bytes && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes; // keep UTF-8 characters whole
    room = used + bytes + 1; // nothing may follow a clipped piece
  }
  memcpy(buffer + used, text, bytes);
  used += bytes;
  buffer[used] = 0;
}

Message &Message::operator<<(const char *text) {
  append(text, strlen(text));
  return *this;
}

Message &Message::operator<<(uint64_t number) {
  char digits[20];
  size_t first = sizeof(digits);
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number);
  append(digits + first, sizeof(digits) - first);
  return *this;
}

Message &Message::signedNumber(int64_t number) {
  uint64_t bits = static_cast<uint64_t>(number);
  if (number < 0) append("-", 1);
  return *this << (number < 0 ? -bits : bits);
}

/// Bytes of the UTF-8 character at `text`, 0 if it is none that may be shown (control character, stray byte, bidi
/// override).
static size_t printable(const unsigned char *text, size_t left) {
  unsigned char first = text[0];
  if (first < 0x80) return first >= 0x20 && first != 0x7f;
  size_t length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (!length || first >= 0xf5 || left < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((text[i] & 0xc0) != 0x80) return 0;
  if (first == 0xc2 && text[1] < 0xa0) return 0; // C1 controls
  // Zero-width and direction characters: U+200B-200F, U+2028-202E, U+2066-2069.
  bool format = first == 0xe2 && ((text[1] == 0x80 && text[2] >= 0x8b && text[2] <= 0x8f) ||
                                  (text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae) ||
                                  (text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9));
  return format ? 0 : length;
}

Message &Message::quoted(const char *name, size_t bytes) {
  append("'", 1);
  const unsigned char *text = reinterpret_cast<const unsigned char *>(name);
  size_t i = 0;
  while (i < bytes && i < shownName) {
    if (size_t length = printable(text + i, bytes - i)) {
      append(name + i, length);
      i += length;
      continue;
    }
    const char hex[] = "0123456789abcdef";
    const char escaped[4] = {'\\', 'x', hex[text[i] >> 4], hex[text[i] & 15]};
    append(escaped, sizeof(escaped));
    ++i;
  }
  if (i < bytes) append("...", 3);
  append("'", 1);
  return *this;
}

Message &Message::quoted(const char *name) { return quoted(name, strlen(name)); }

Message &Message::type(uint32_t dtype, uint32_t rank, const int64_t *dims) {
  *this << (dtype < dtypeCount ? dtypes[dtype].name : "unknown type") << "[";
  for (uint32_t i = 0; i < rank; ++i) *this << (i ? "," : "") << static_cast<uint64_t>(dims[i]);
  return *this << "]";
}
