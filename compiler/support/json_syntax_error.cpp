// See json_syntax_error.h. Every function looks at one kind of place and returns a finished diagnostic.
#include "compiler/support/json_syntax_error.h"
#include "llvm/ADT/StringExtras.h"

using namespace graphc::support;
using llvm::StringRef;
using llvm::Twine;

uint32_t graphc::support::skipJsonTrivia(StringRef text, uint32_t offset) {
  size_t i = offset;
  while (i < text.size()) {
    if (StringRef(" \t\n\r").contains(text[i])) {
      ++i;
    } else if (text.substr(i).starts_with("//")) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i).starts_with("/*")) {
      size_t close = text.find("*/", i + 2);
      if (close == StringRef::npos) break;
      i = close + 2;
    } else {
      break;
    }
  }
  return static_cast<uint32_t>(i);
}

uint32_t graphc::support::jsonNumberEnd(StringRef text, uint32_t offset) {
  size_t i = offset;
  auto digits = [&] {
    size_t begin = i;
    while (i < text.size() && llvm::isDigit(text[i])) ++i;
    return i != begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  if (i < text.size() && text[i] == '0')
    ++i;
  else if (!digits())
    return offset;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return offset;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return offset;
  }
  return static_cast<uint32_t>(i);
}

namespace {
class Explainer {
public:
  Explainer(StringRef text, uint32_t file, const JsonParsed &parsed) : text(text), file(file), parsed(parsed) {}
  Diagnostic explain();

private:
  Diagnostic make(StringRef code, size_t begin, size_t end, const Twine &message, StringRef help = "") const;
  Diagnostic afterValue(uint32_t here) const;
  std::optional<Diagnostic> swallowed(uint32_t here) const;
  Diagnostic atKey(uint32_t here) const;
  Diagnostic atValue(uint32_t here) const;
  Diagnostic atString(uint32_t here) const;
  Diagnostic atEscape(size_t here) const;
  Diagnostic atWord(uint32_t here) const;
  Diagnostic atEnd() const;
  Diagnostic atClosing(uint32_t here) const;
  bool closes(uint32_t here) const { return here < text.size() && (text[here] == ']' || text[here] == '}'); }
  /// The run of letters, digits and number signs at `here`: what a reader takes for one word.
  StringRef word(size_t here) const {
    return text.substr(here).take_while([](char c) { return llvm::isAlnum(c) || StringRef("+-._").contains(c); });
  }

  StringRef text;
  uint32_t file;
  const JsonParsed &parsed;
};
} // namespace

Diagnostic Explainer::make(StringRef code, size_t begin, size_t end, const Twine &message, StringRef help) const {
  Diagnostic d;
  d.code = code.str();
  d.message = message.str();
  d.span = {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  d.help = help.str();
  return d;
}

Diagnostic Explainer::explain() {
  uint32_t here = skipJsonTrivia(text, parsed.end);
  if (text.substr(here).starts_with("/*"))
    return make("G0016", here, here + 2, "this comment is not closed", "end it with */");
  switch (parsed.last) {
  case JsonParsed::Nothing:
    return atValue(here);
  case JsonParsed::OpenBracket:
    return parsed.inObject ? atKey(here) : atValue(here);
  case JsonParsed::Key:
    if (here >= text.size()) return atEnd();
    if (std::optional<Diagnostic> unclosed = swallowed(here)) return *unclosed;
    if (text[here] != ':') return make("G0001", parsed.end, parsed.end, "expected ':' after this key");
    return atValue(skipJsonTrivia(text, here + 1));
  case JsonParsed::Value:
    return afterValue(here);
  }
  return make("G0016", here, here + 1, "this is no JSON");
}

Diagnostic Explainer::afterValue(uint32_t here) const {
  if (here >= text.size()) return atEnd();
  StringRef tail = word(parsed.end);
  char last = text[parsed.end - 1];
  if (!tail.empty() &&
      llvm::isAlnum(last)) { // 01, 1.5.2, truely: the parser saw a value and then something stuck to it
    StringRef whole = text.slice(parsed.begin, parsed.end + tail.size());
    return make("G0016", parsed.begin, parsed.begin + whole.size(),
                "'" + whole + "' is no " + (llvm::isAlpha(whole[0]) ? "value" : "number"));
  }
  if (!parsed.inArray && !parsed.inObject)
    return make("G0016", here, here + std::max<size_t>(1, word(here).size()),
                "nothing may follow the end of the document");
  if (closes(here)) return atClosing(here);
  if (std::optional<Diagnostic> unclosed = swallowed(here)) return *unclosed;
  if (text[here] != ',') return make("G0001", parsed.end, parsed.end, "expected ',' after this value");
  uint32_t behind = skipJsonTrivia(text, here + 1);
  if (closes(behind))
    return make("G0002", here, here + 1, "remove this comma", "JSON allows no comma after the last value");
  if (behind < text.size() && text[behind] == ',') return make("G0002", behind, behind + 1, "remove this comma");
  return parsed.inObject ? atKey(behind) : atValue(behind);
}

/// A string that lacks its closing quote ends at the quote that was to open the next one: then it ends in punctuation
/// and a bare word follows.
std::optional<Diagnostic> Explainer::swallowed(uint32_t here) const {
  StringRef token = text.slice(parsed.begin, parsed.end);
  if (token.size() < 3 || token.front() != '"' || here != parsed.end || here >= text.size()) return std::nullopt;
  StringRef inside = token.drop_back().rtrim();
  if (!StringRef(",:{[").contains(inside.back()) || !(llvm::isAlnum(text[here]) || text[here] == '_'))
    return std::nullopt;
  return make("G0003", parsed.begin, parsed.end, "this string is not closed, it runs to the quote of the next one");
}

Diagnostic Explainer::atKey(uint32_t here) const {
  if (here >= text.size()) return atEnd();
  if (text.substr(here).starts_with("/*"))
    return make("G0016", here, here + 2, "this comment is not closed", "end it with */");
  if (text[here] == '"') return atString(here);
  if (text[here] == ',') return make("G0002", here, here + 1, "remove this comma");
  if (closes(here)) return atClosing(here);
  size_t length = std::max<size_t>(1, word(here).size());
  return make("G0016", here, here + length, "expected a key in double quotes");
}

Diagnostic Explainer::atValue(uint32_t here) const {
  if (here >= text.size()) return atEnd();
  char c = text[here];
  if (text.substr(here).starts_with("/*"))
    return make("G0016", here, here + 2, "this comment is not closed", "end it with */");
  if (c == '"') return atString(here);
  if (c == '\'') return make("G0016", here, here + 1, "strings are written in double quotes");
  if (c == ',' && parsed.last != JsonParsed::Key) return make("G0002", here, here + 1, "remove this comma");
  if (closes(here) && parsed.last != JsonParsed::Key) return atClosing(here);
  if (!word(here).empty()) return atWord(here);
  size_t length = 1; // a whole character, not its first byte
  while (here + length < text.size() && (text[here + length] & 0xc0) == 0x80) ++length;
  return make("G0016", here, here + length, "expected a value, found '" + text.substr(here, length) + "'");
}

Diagnostic Explainer::atWord(uint32_t here) const {
  StringRef found = word(here);
  StringRef unsignedWord = found.ltrim("+-");
  for (StringRef name : {"nan", "inf", "infinity"}) {
    if (!unsignedWord.equals_insensitive(name)) continue;
    bool negative = found.starts_with("-");
    StringRef written = name == "nan" ? "\"nan\"" : negative ? "\"-inf\"" : "\"inf\"";
    return make("G0005", here, here + found.size(), "write " + written + " as a string");
  }
  if (llvm::isDigit(found[0]) || StringRef("+-.").contains(found[0]))
    return make("G0016", here, here + found.size(), "'" + found + "' is no number",
                "numbers are written like 12, -0.5 or 1e-3: no leading '+', zero or point");
  std::string lower = found.lower();
  if (lower == "none") lower = "null"; // Python's words
  bool cased = llvm::is_contained({"true", "false", "null"}, lower);
  std::string hint = cased ? ", did you mean '" + lower + "'?" : didYouMean(lower, {"true", "false", "null"});
  return make("G0016", here, here + found.size(), "expected a value, found '" + found + "'" + hint,
              "names and other text stand in double quotes");
}

Diagnostic Explainer::atString(uint32_t here) const {
  for (size_t i = here + 1; i < text.size() && text[i] != '\n' && text[i] != '\r'; ++i) {
    unsigned char c = text[i];
    if (c == '"') break; // a good string: the caller looked at the wrong place
    if (c < 0x20) {
      std::string written = c == '\t' ? "\\t" : "\\u00" + llvm::toHex(text.substr(i, 1), /*LowerCase=*/true);
      return make("G0016", i, i + 1, "a control character inside a string must be written as an escape",
                  "write " + written);
    }
    if (c != '\\') continue;
    Diagnostic escape = atEscape(i);
    if (!escape.code.empty()) return escape;
    i += text.substr(i + 1, 1) == "u" ? 5 : 1;
  }
  size_t lineEnd = std::min(text.find_first_of("\r\n", here), text.size());
  return make("G0003", here, lineEnd, "this string is not closed on its line");
}

/// An empty diagnostic (no code) if the escape is good or cut off by the end of the line.
Diagnostic Explainer::atEscape(size_t here) const {
  char kind = here + 1 < text.size() ? text[here + 1] : '\n';
  if (kind == '\n' || kind == '\r' || StringRef("\"\\/bfnrt").contains(kind)) return {};
  if (kind != 'u')
    return make("G0016", here, here + 2, "'" + text.substr(here, 2) + "' is no escape",
                "escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits");
  StringRef digits = text.substr(here + 2, 4);
  unsigned code = 0;
  if (digits.size() < 4 || digits.getAsInteger(16, code) || !llvm::all_of(digits, llvm::isHexDigit))
    return make("G0016", here, here + 2, "'\\u' must be followed by four hex digits");
  bool high = code >= 0xd800 && code < 0xdc00, low = code >= 0xdc00 && code < 0xe000;
  unsigned second = 0;
  StringRef rest = text.substr(here + 6, 6);
  bool paired =
      high && rest.consume_front("\\u") && !rest.getAsInteger(16, second) && second >= 0xdc00 && second < 0xe000;
  if (low || (high && !paired))
    return make("G0016", here, here + 6, "'" + text.substr(here, 6) + "' is half of a surrogate pair",
                "write the character itself, or both halves");
  return {};
}

Diagnostic Explainer::atEnd() const {
  if (!parsed.inArray && !parsed.inObject)
    return make("G0016", text.size(), text.size(), "the file holds no JSON value");
  StringRef bracket = text.substr(parsed.bracket, 1);
  Diagnostic d = make("G0001", parsed.bracket, parsed.bracket + 1, "this '" + bracket + "' is never closed");
  d.labels.push_back(
      {{file, parsed.end, parsed.end}, "expected '" + std::string(parsed.inArray ? "]" : "}") + "' here or later"});
  return d;
}

Diagnostic Explainer::atClosing(uint32_t here) const {
  StringRef found = text.substr(here, 1);
  if (!parsed.inArray && !parsed.inObject) return make("G0016", here, here + 1, "'" + found + "' closes nothing");
  StringRef wanted = parsed.inArray ? "]" : "}";
  Diagnostic d = make("G0001", here, here + 1, "expected '" + wanted + "' here, found '" + found + "'");
  d.labels.push_back({{file, parsed.bracket, parsed.bracket + 1}, "opened here"});
  return d;
}

Diagnostic graphc::support::explainJsonError(StringRef text, uint32_t file, const JsonParsed &parsed) {
  return Explainer(text, file, parsed).explain();
}
