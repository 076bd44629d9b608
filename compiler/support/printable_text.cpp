// See printable_text.h.
#include "compiler/support/printable_text.h"
#include "compiler/support/diagnostics.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Unicode.h"

using namespace graphc::support;

static ShownCharacter escaped(const char *format, unsigned code, size_t bytes) {
  char buffer[16];
  int length = snprintf(buffer, sizeof buffer, format, code);
  return {bytes, buffer, static_cast<unsigned>(length)};
}

ShownCharacter graphc::support::firstCharacter(llvm::StringRef text) {
  unsigned char byte = text[0];
  if (byte >= 0x20 && byte < 0x7f) return {1, std::string(1, text[0]), 1};
  const auto *place = reinterpret_cast<const llvm::UTF8 *>(text.data());
  llvm::UTF32 code = 0;
  if (llvm::convertUTF8Sequence(&place, place + text.size(), &code, llvm::strictConversion) != llvm::conversionOK)
    return escaped("\\x%02x", byte, 1);
  size_t bytes = reinterpret_cast<const char *>(place) - text.data();
  if (code < 0x80) return escaped("\\x%02x", code, bytes);
  if (!llvm::sys::unicode::isPrintable(static_cast<int>(code))) return escaped("\\u{%x}", code, bytes);
  llvm::StringRef character = text.substr(0, bytes);
  int columns = llvm::sys::unicode::columnWidthUTF8(character);
  return {bytes, character.str(), static_cast<unsigned>(std::max(columns, 0))};
}

std::string graphc::support::printable(llvm::StringRef text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    ShownCharacter character = firstCharacter(text);
    result += character.shown;
    text = text.substr(character.bytes);
  }
  return result;
}
