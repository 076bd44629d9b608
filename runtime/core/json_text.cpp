// See json_text.h; the grammar is RFC 8259's.
#include "core/json_text.h"
#include <string.h>

using namespace graphc::runtime;

static int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// --- strings that have been checked ---------------------------------------------------------------------------------

uint32_t JsonStringBytes::hex() {
  uint32_t unit = 0;
  for (int i = 0; i < 4 && at < end; ++i) unit = unit << 4 | static_cast<uint32_t>(hexDigit(*at++) & 15);
  return unit;
}

int JsonStringBytes::next() {
  if (pendingCount) return pending[--pendingCount];
  if (at >= end) return -1;
  char c = *at++;
  if (c != '\\' || at >= end) return static_cast<unsigned char>(c);
  switch (c = *at++) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  case 'u':
    break;
  default:
    return static_cast<unsigned char>(c); // quote, backslash, slash
  }
  uint32_t code = hex();
  if (code >= 0xd800 && code < 0xdc00) {
    at = end - at < 2 ? end : at + 2; // the backslash and u of the second half
    code = 0x10000 + ((code & 0x3ff) << 10) + (hex() & 0x3ff);
  }
  if (code < 0x80) return static_cast<int>(code);
  uint32_t lead = code < 0x800 ? 0xc0 : code < 0x10000 ? 0xe0 : 0xf0;
  int tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  for (int i = 0; i < tail; ++i) pending[i] = static_cast<unsigned char>(0x80 | ((code >> (6 * i)) & 0x3f));
  pendingCount = tail;
  return static_cast<int>(lead | code >> (6 * tail));
}

int graphc::runtime::compare(JsonString a, JsonString b) {
  JsonStringBytes first(a), second(b);
  for (;;) {
    int x = first.next(), y = second.next();
    if (x != y || x < 0) return x - y;
  }
}

int graphc::runtime::compare(JsonString a, const char *b) {
  JsonStringBytes first(a);
  for (;; ++b) {
    int x = first.next(), y = *b ? static_cast<unsigned char>(*b) : -1;
    if (x != y || x < 0) return x - y;
  }
}

uint64_t graphc::runtime::hash(JsonString string) { // FNV-1a 64
  uint64_t hash = 0xcbf29ce484222325u;
  JsonStringBytes bytes(string);
  for (int byte = bytes.next(); byte >= 0; byte = bytes.next())
    hash = (hash ^ static_cast<uint64_t>(byte)) * 0x100000001b3u;
  return hash;
}

// --- reading --------------------------------------------------------------------------------------------------------

bool JsonReader::fail(const char *what) {
  if (!hasFailed && message) *message << "header byte " << static_cast<uint64_t>(at - start) << ": " << what;
  hasFailed = true;
  return false;
}

bool JsonReader::fail(JsonString tensor, const char *what) {
  if (!hasFailed && message) {
    *message << "header byte " << static_cast<uint64_t>(at - start) << ": tensor ";
    message->quoted(tensor.text, tensor.bytes) << " " << what;
  }
  hasFailed = true;
  return false;
}

void JsonReader::skipSpace() {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
}

bool JsonReader::atEnd() {
  skipSpace();
  return at == end;
}

bool JsonReader::take(char token) {
  skipSpace();
  if (hasFailed || at == end || *at != token) return false;
  ++at;
  return true;
}

bool JsonReader::expect(char token) {
  if (take(token)) return true;
  const char text[] = {'\'', token, '\'', ' ', 'e', 'x', 'p', 'e', 'c', 't', 'e', 'd', 0};
  return fail(text);
}

bool JsonReader::readHex(uint32_t &unit) {
  if (end - at < 4) return fail("an escape is cut off");
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    int digit = hexDigit(at[i]);
    if (digit < 0) return fail("\\u needs four hexadecimal digits");
    unit = unit << 4 | static_cast<uint32_t>(digit);
  }
  at += 4;
  return true;
}

/// `at` stands behind the backslash.
bool JsonReader::readEscape() {
  if (at == end) return fail("an escape is cut off");
  char c = *at++;
  if (c != 'u') return memchr("\"\\/bfnrt", c, 8) ? true : fail("unknown escape");
  uint32_t unit, second;
  if (!readHex(unit)) return false;
  if (unit < 0xd800 || unit > 0xdfff) return true;
  if (unit > 0xdbff || end - at < 2 || at[0] != '\\' || at[1] != 'u') return fail("half a surrogate pair");
  at += 2;
  if (!readHex(second)) return false;
  return second >= 0xdc00 && second <= 0xdfff ? true : fail("half a surrogate pair");
}

bool JsonReader::readString(JsonString &string) {
  skipSpace();
  if (at == end || *at != '"') return fail("string expected");
  string.text = ++at;
  for (;;) {
    if (at == end) return fail("a string has no end");
    unsigned char c = static_cast<unsigned char>(*at);
    if (c < 0x20) return fail("control character in a string");
    ++at;
    if (c == '"') break;
    if (c == '\\' && !readEscape()) return false;
  }
  string.bytes = static_cast<size_t>(at - 1 - string.text);
  return true;
}

bool JsonReader::readUnsigned(uint64_t &number) {
  skipSpace();
  const char *first = at;
  number = 0;
  for (; at < end && *at >= '0' && *at <= '9'; ++at)
    if (__builtin_mul_overflow(number, uint64_t(10), &number) ||
        __builtin_add_overflow(number, static_cast<uint64_t>(*at - '0'), &number))
      return fail("number too large");
  if (at == first) return fail("non-negative integer expected");
  if (*first == '0' && at - first > 1) return fail("number with a leading zero");
  if (at < end && (*at == '.' || *at == 'e' || *at == 'E')) return fail("integer expected");
  return true;
}

const unsigned char *graphc::runtime::findInvalidUtf8(const unsigned char *text, const unsigned char *end) {
  while (text < end) {
    unsigned char c = *text;
    if (c < 0x80) {
      ++text;
      continue;
    }
    int tail = c >= 0xf0 && c <= 0xf4 ? 3 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xc2 && c < 0xe0 ? 1 : 0;
    if (!tail || end - text <= tail) return text;
    // The second byte's range excludes overlong forms, surrogates and what lies past U+10FFFF.
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < low || text[1] > high) return text;
    for (int i = 2; i <= tail; ++i)
      if ((text[i] & 0xc0) != 0x80) return text;
    text += tail + 1;
  }
  return nullptr;
}
