// Reading a located JSON document: exact numbers and places inside strings. Both work on the raw text of the file,
// because that alone tells 18446744073709551616 from 1.8446744073709552e19, and "\u00e9" from "é".
#include "compiler/support/json_document.h"
#include "llvm/ADT/StringExtras.h"
#include <charconv>

using namespace graphc::support;

JsonKind JsonValue::kind() const { return document->nodes[index].kind; }

Span JsonValue::span() const {
  if (!document) return {};
  const JsonDocument::Node &node = document->nodes[index];
  return {document->file, node.begin, node.end};
}

Span JsonValue::keySpan() const {
  if (!document) return {};
  const JsonDocument::Node &node = document->nodes[index];
  if (node.keyBegin == node.keyEnd) return {};
  return {document->file, node.keyBegin, node.keyEnd};
}

llvm::StringRef JsonValue::key() const {
  return document ? llvm::StringRef(document->strings[document->nodes[index].key]) : "";
}

llvm::StringRef JsonValue::string() const {
  return isString() ? llvm::StringRef(document->strings[document->nodes[index].text]) : "";
}

bool JsonValue::boolean() const { return isBool() && document->nodes[index].boolean; }

llvm::StringRef JsonValue::numberText() const {
  if (!isNumber()) return "";
  const JsonDocument::Node &node = document->nodes[index];
  return document->sources->text(document->file).slice(node.begin, node.end);
}

namespace {
/// A JSON number as +-digits * 10^exponent, without zeros at either end of the digits; no digits stand for zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;
  /// Position of the point, counted from the first digit: 1 for 3.14, -1 for 0.05 (value in [10^(point-1), 10^point)).
  int64_t point() const { return static_cast<int64_t>(digits.size()) + exponent; }
};
} // namespace

static Decimal takeApart(llvm::StringRef text) {
  // Far beyond any exponent that digits of a text of 2^32 bytes could balance.
  constexpr int64_t largest = int64_t(1) << 40;
  Decimal number;
  number.negative = text.consume_front("-");
  size_t mantissaEnd = text.find_first_of("eE");
  if (mantissaEnd != llvm::StringRef::npos) {
    llvm::StringRef exponent = text.substr(mantissaEnd + 1);
    bool negative = exponent.consume_front("-");
    if (!negative) exponent.consume_front("+");
    for (char c : exponent) number.exponent = std::min(largest, number.exponent * 10 + (c - '0'));
    if (negative) number.exponent = -number.exponent;
  }
  auto [whole, fraction] = text.substr(0, mantissaEnd).split('.');
  number.digits = (whole + fraction).str();
  number.exponent -= static_cast<int64_t>(fraction.size());
  number.digits.erase(0, number.digits.find_first_not_of('0')); // npos erases all: zero
  size_t last = number.digits.find_last_not_of('0');
  size_t kept = last == std::string::npos ? 0 : last + 1;
  number.exponent += static_cast<int64_t>(number.digits.size() - kept);
  number.digits.resize(kept);
  return number;
}

std::optional<int64_t> JsonValue::integer() const {
  if (!isNumber()) return std::nullopt;
  Decimal number = takeApart(numberText());
  if (number.digits.empty()) return 0;
  if (number.exponent < 0 || number.point() > 19) return std::nullopt;
  uint64_t magnitude = 0; // below 10^19, which fits
  for (char c : number.digits) magnitude = magnitude * 10 + static_cast<uint64_t>(c - '0');
  for (int64_t i = 0; i < number.exponent; ++i) magnitude *= 10;
  constexpr uint64_t limit = uint64_t(1) << 63;
  if (magnitude > (number.negative ? limit : limit - 1)) return std::nullopt;
  return static_cast<int64_t>(number.negative ? 0 - magnitude : magnitude);
}

std::optional<double> JsonValue::real() const {
  if (!isNumber()) return std::nullopt;
  llvm::StringRef text = numberText();
  double value = 0;
  if (std::from_chars(text.begin(), text.end(), value).ec == std::errc()) return value;
  // Out of range says neither in which direction; below the smallest double is (rounded) zero.
  Decimal number = takeApart(text);
  if (number.point() > 0) return std::nullopt;
  return number.negative ? -0.0 : 0.0;
}

namespace {
/// One character of a string as written (an escape, a pair of surrogates, or a byte) and the bytes it stands for.
struct Unit {
  size_t written, meant;
};
} // namespace

static unsigned hexEscape(llvm::StringRef raw) { // "\u00e9..." -> 0xe9
  unsigned value = 0;
  for (char c : raw.substr(2, 4)) value = value * 16 + llvm::hexDigitValue(c);
  return value;
}

static Unit firstUnit(llvm::StringRef raw) {
  if (raw[0] != '\\') return {1, 1};
  if (raw.size() < 6 || raw[1] != 'u') return {2, 1};
  unsigned code = hexEscape(raw);
  if (code >= 0xd800 && code < 0xdc00) return {12, 4}; // the reader let only whole pairs pass
  return {6, code < 0x80 ? size_t(1) : code < 0x800 ? size_t(2) : size_t(3)};
}

Span JsonValue::stringSpan(size_t begin, size_t end) const {
  if (!isString()) return span();
  const JsonDocument::Node &node = document->nodes[index];
  size_t length = document->strings[node.text].size();
  begin = std::min(begin, length);
  end = std::max(begin, std::min(end, length));
  Span result{document->file, node.begin + 1, node.begin + 1};
  llvm::StringRef raw = document->sources->text(document->file).slice(node.begin + 1, node.end - 1);
  if (raw.size() == length) { // nothing escaped
    result.begin += static_cast<uint32_t>(begin);
    result.end += static_cast<uint32_t>(end);
    return result;
  }
  size_t meant = 0, written = 0;
  bool begun = false;
  while (written < raw.size() && meant < end) {
    Unit unit = firstUnit(raw.substr(written));
    if (!begun && meant + unit.meant > begin) {
      result.begin += static_cast<uint32_t>(written);
      begun = true;
    }
    meant += unit.meant;
    written += unit.written;
  }
  result.end += static_cast<uint32_t>(written);
  if (!begun) result.begin = result.end;
  return result;
}

JsonValue JsonValue::firstChild() const {
  uint32_t child = document ? document->nodes[index].firstChild : 0;
  return child ? JsonValue(document, child) : JsonValue();
}

JsonValue JsonValue::next() const {
  uint32_t sibling = document ? document->nodes[index].next : 0;
  return sibling ? JsonValue(document, sibling) : JsonValue();
}

JsonValue JsonValue::find(llvm::StringRef key) const {
  if (!isObject()) return {};
  for (JsonValue child = firstChild(); child; child = child.next())
    if (child.key() == key) return child;
  return {};
}

size_t JsonValue::size() const { return document ? document->nodes[index].childCount : 0; }

llvm::SmallVector<JsonValue, 8> JsonValue::children() const {
  llvm::SmallVector<JsonValue, 8> list;
  list.reserve(size());
  for (JsonValue child = firstChild(); child; child = child.next()) list.push_back(child);
  return list;
}

const void *JsonValue::id() const { return document ? &document->nodes[index] : nullptr; }
