// JSON at the level of tokens, for the one shape of document that safetensors has. Reads bytes between two pointers and
// nothing else; no allocation, no recursion. The first failure is kept as a message with its place and stops everything
// after it.
#pragma once
#include "core/message.h"

namespace graphc::runtime {

/// A string as it stands between its quotes, escapes unresolved but checked.
struct JsonString {
  const char *text = nullptr;
  size_t bytes = 0;
};

/// Walks the bytes of a checked string with its escapes resolved.
class JsonStringBytes {
public:
  explicit JsonStringBytes(JsonString string) : at(string.text), end(string.text + string.bytes) {}
  int next(); // a byte, or -1 at the end

private:
  uint32_t hex();

  const char *at, *end;
  unsigned char pending[3] = {};
  int pendingCount = 0; // bytes of a \u character still to give, last first
};

/// Order of the resolved bytes: negative, 0, positive.
int compare(JsonString a, JsonString b);
int compare(JsonString a, const char *b);
uint64_t hash(JsonString string);

class JsonReader {
public:
  /// Places in messages count from `start`, the first byte of the file.
  JsonReader(const void *start, const void *text, const void *end, Message *message)
      : start(static_cast<const char *>(start)), at(static_cast<const char *>(text)),
        end(static_cast<const char *>(end)), message(message) {}

  bool failed() const { return hasFailed; }
  /// Always false, so that callers can return it.
  bool fail(const char *what);
  /// As fail, with a name: `header byte 12: tensor 'w' <what>`.
  bool fail(JsonString tensor, const char *what);

  bool atEnd();                        // after white space
  bool take(char token);               // white space, then this character if it is next
  bool expect(char token);             // as take, else fails
  bool readString(JsonString &string); // checks escapes; UTF-8 is checked for the whole header at once
  bool readUnsigned(uint64_t &number); // digits only, no leading zero, fits in 64 bits

private:
  void skipSpace();
  bool readEscape();
  bool readHex(uint32_t &unit);

  const char *start, *at, *end;
  Message *message;
  bool hasFailed = false;
};

/// Null if all bytes are well-formed UTF-8, else the first that is not.
const unsigned char *findInvalidUtf8(const unsigned char *text, const unsigned char *end);

} // namespace graphc::runtime
