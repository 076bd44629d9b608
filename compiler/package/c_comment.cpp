// What is defused, and why: "*/" ends the comment, "/*" and an escaped line end warn under -Wcomment, "??" begins a
// trigraph, control characters drive terminals, bidirectional marks warn under gcc's -Wbidi-chars and reorder what a
// reader sees, bytes that are no UTF-8 warn under -Winvalid-utf8.
#include "compiler/package/c_comment.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

/// utohexstr would pad 0 to one digit too many.
static std::string hex(StringRef prefix, uint32_t value, int digits) {
  std::string text = prefix.str();
  while (digits < 6 && value >> (4 * digits)) ++digits;
  while (digits-- > 0) text += hexdigit((value >> (4 * digits)) & 15, /*LowerCase=*/true);
  return text;
}

static bool isInvisibleOrReorders(uint32_t point) {
  return (point >= 0x80 && point < 0xa0) || point == 0x061c || (point >= 0x200b && point <= 0x200f) ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

std::string graphc::package::commentText(StringRef text, StringRef indent) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    unsigned char byte = text[i];
    if (byte < 0x80) {
      ++i;
      char next = i < text.size() ? text[i] : '\0';
      if (byte == '\n')
        result += ("\n" + indent).str();
      else if (byte < 0x20 || byte == 0x7f)
        result += hex("\\x", byte, 2);
      else
        result += static_cast<char>(byte);
      bool splits = (byte == '*' && next == '/') || (byte == '/' && next == '*') || (byte == '?' && next == '?') ||
                    (byte == '\\' && (next == '\n' || next == '\0'));
      if (splits) result += ' ';
      continue;
    }
    auto *begin = reinterpret_cast<const UTF8 *>(text.begin() + i), *end = reinterpret_cast<const UTF8 *>(text.end());
    UTF32 point = 0;
    const UTF8 *at = begin;
    UTF32 *out = &point;
    if (!isLegalUTF8Sequence(begin, end) ||
        ConvertUTF8toUTF32(&at, begin + getNumBytesForUTF8(byte), &out, &point + 1, strictConversion) != conversionOK) {
      result += hex("\\x", byte, 2);
      ++i;
    } else {
      size_t count = at - begin;
      result += isInvisibleOrReorders(point) ? hex("\\u", point, 4) : text.substr(i, count).str();
      i += count;
    }
  }
  return result;
}
