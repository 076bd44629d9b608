// nlohmann's SAX parser over an iterator that counts consumed bytes fills a JsonDocument: the parser calls an event
// right after it scanned the token, so the counter is the token's exact end. (A DOM of nlohmann would lose places,
// duplicates and big integers, and its copy and dump recurse.) Compiled without exceptions: the SAX path only ever
// calls parse_error(). nlohmann refuses numbers beyond double at the token. They are raw text to us, so such a text is
// parsed again from a copy in which every number is a plain 0 of the same width; all places and texts come from the
// original.
#include "compiler/support/json_document.h"
#include "compiler/support/json_syntax_error.h"
#include "llvm/Support/ConvertUTF.h"
#include <algorithm>
#include <nlohmann/json.hpp>

using namespace graphc::support;
using llvm::StringRef;
using llvm::Twine;

static constexpr size_t maxBytes = size_t(256) << 20;
static constexpr size_t maxDepth = 512;
static constexpr size_t maxNodes = 1000000;
static constexpr size_t byteOrderMark = 3;

namespace {

/// Reads a text and tells `consumed` how far it got.
class CountingIterator {
public:
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;
  using iterator_category = std::input_iterator_tag;
  CountingIterator(const char *place, const char **consumed) : place(place), consumed(consumed) {}
  reference operator*() const { return *place; }
  CountingIterator &operator++() {
    *consumed = ++place;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator &other) const { return place == other.place; }
  bool operator!=(const CountingIterator &other) const { return place != other.place; }

private:
  const char *place;
  const char **consumed;
};

/// The SAX events (names are nlohmann's). False stops the parser.
class DocumentBuilder {
public:
  DocumentBuilder(StringRef text, Diagnostics &diagnostics, JsonDocument &document)
      : text(text), diagnostics(diagnostics), document(document) {
    document.nodes.assign(1, {});
    document.strings.assign(1, "");
    parsed.begin = parsed.end = text.starts_with("\xef\xbb\xbf") ? byteOrderMark : 0;
  }
  /// Feeds `shown`, which has the bytes of `text` except for numbers.
  void run(StringRef shown);
  bool good() const { return !stopped && !duplicates; }
  /// The parser stopped at a number that JSON allows.
  bool numberTooLarge() const;
  void reportSyntax() {
    if (syntaxError) diagnostics.report(explainJsonError(text, document.file, parsed));
  }

  bool null() { return value(JsonKind::Null); }
  bool boolean(bool given) {
    if (!value(JsonKind::Bool)) return false;
    document.nodes.back().boolean = given;
    return true;
  }
  bool number_integer(int64_t) { return value(JsonKind::Number); }
  bool number_unsigned(uint64_t) { return value(JsonKind::Number); }
  bool number_float(double, const std::string &) { return value(JsonKind::Number); }
  bool string(std::string &given) {
    if (!value(JsonKind::String)) return false;
    document.nodes.back().text = keep(given);
    return true;
  }
  bool binary(std::vector<uint8_t> &) { return false; } // not in JSON text
  bool key(std::string &given) {
    token(false);
    parsed.last = JsonParsed::Key;
    pendingKey = keep(given);
    return true;
  }
  bool start_object(size_t) { return open(JsonKind::Object); }
  bool start_array(size_t) { return open(JsonKind::Array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(size_t, const std::string &, const nlohmann::detail::exception &) {
    stopped = syntaxError = true;
    return false;
  }

private:
  struct Open {
    uint32_t node, lastChild;
  };
  void token(bool number);
  bool addNode(JsonKind kind);
  bool value(JsonKind kind) {
    token(kind == JsonKind::Number);
    return addNode(kind);
  }
  bool open(JsonKind kind);
  bool close();
  void enter();
  void findDuplicates(const JsonDocument::Node &object);
  bool stop(StringRef code, const Twine &message) {
    diagnostics.error(code, {document.file, parsed.begin, parsed.end}, message);
    stopped = true;
    return false;
  }
  uint32_t keep(std::string &string) {
    if (string.empty()) return 0;
    document.strings.push_back(std::move(string));
    return static_cast<uint32_t>(document.strings.size() - 1);
  }

  StringRef text;
  Diagnostics &diagnostics;
  JsonDocument &document;
  const char *start = nullptr, *consumed = nullptr;
  JsonParsed parsed;
  std::vector<Open> stack;
  uint32_t pendingKey = 0;
  JsonParsed keyToken;
  bool stopped = false, syntaxError = false, duplicates = false;
};

} // namespace

void DocumentBuilder::run(StringRef shown) {
  start = consumed = shown.data();
  CountingIterator begin(shown.begin(), &consumed), end(shown.end(), &consumed);
  nlohmann::json::sax_parse(begin, end, this, nlohmann::json::input_format_t::json, /*strict=*/true,
                            /*ignore_comments=*/true);
}

/// Moves `parsed` to the token that the parser just accepted.
void DocumentBuilder::token(bool number) {
  uint32_t begin = skipJsonTrivia(text, parsed.end);
  while (begin < text.size() && (text[begin] == ',' || text[begin] == ':')) begin = skipJsonTrivia(text, begin + 1);
  if (parsed.last == JsonParsed::Key) keyToken = parsed;
  parsed.begin = begin;
  // The parser has read one byte more behind a number.
  parsed.end = number ? jsonNumberEnd(text, begin) : static_cast<uint32_t>(consumed - start);
  parsed.last = JsonParsed::Value;
}

bool DocumentBuilder::addNode(JsonKind kind) {
  if (document.nodes.size() > maxNodes) return stop("G0009", "the file holds more than " + Twine(maxNodes) + " values");
  uint32_t index = static_cast<uint32_t>(document.nodes.size());
  JsonDocument::Node node;
  node.kind = kind;
  node.begin = parsed.begin;
  node.end = parsed.end;
  if (!stack.empty()) {
    Open &parent = stack.back();
    node.parent = parent.node;
    (parent.lastChild ? document.nodes[parent.lastChild].next : document.nodes[parent.node].firstChild) = index;
    parent.lastChild = index;
    ++document.nodes[parent.node].childCount;
    if (parsed.inObject) {
      node.key = pendingKey;
      node.keyBegin = keyToken.begin;
      node.keyEnd = keyToken.end;
    }
  }
  document.nodes.push_back(node);
  return true;
}

/// Which bracket is the innermost open one.
void DocumentBuilder::enter() {
  parsed.inArray = parsed.inObject = false;
  if (stack.empty()) return;
  const JsonDocument::Node &node = document.nodes[stack.back().node];
  (node.kind == JsonKind::Array ? parsed.inArray : parsed.inObject) = true;
  parsed.bracket = node.begin;
}

bool DocumentBuilder::open(JsonKind kind) {
  token(false);
  if (stack.size() >= maxDepth) return stop("G0007", "nested deeper than " + Twine(maxDepth) + " levels here");
  if (!addNode(kind)) return false;
  stack.push_back({static_cast<uint32_t>(document.nodes.size() - 1), 0});
  enter();
  parsed.last = JsonParsed::OpenBracket;
  return true;
}

bool DocumentBuilder::close() {
  token(false);
  JsonDocument::Node &node = document.nodes[stack.back().node];
  node.end = parsed.end;
  if (node.kind == JsonKind::Object) findDuplicates(node);
  stack.pop_back();
  enter();
  return true;
}

void DocumentBuilder::findDuplicates(const JsonDocument::Node &object) {
  if (object.childCount < 2) return;
  llvm::SmallVector<uint32_t, 16> members;
  for (uint32_t i = object.firstChild; i; i = document.nodes[i].next) members.push_back(i);
  auto keyOf = [&](uint32_t node) -> const std::string & { return document.strings[document.nodes[node].key]; };
  std::sort(members.begin(), members.end(), [&](uint32_t a, uint32_t b) {
    int order = keyOf(a).compare(keyOf(b));
    return order != 0 ? order < 0 : a < b;
  });
  for (size_t first = 0, i = 1; i < members.size(); ++i) {
    if (keyOf(members[i]) != keyOf(members[first])) {
      first = i;
      continue;
    }
    const JsonDocument::Node &earlier = document.nodes[members[first]], &later = document.nodes[members[i]];
    Diagnostic d;
    d.code = "G0004";
    d.message = "'" + keyOf(members[i]) + "' is given twice";
    d.span = {document.file, later.keyBegin, later.keyEnd};
    d.labels.push_back({{document.file, earlier.keyBegin, earlier.keyEnd}, "first here"});
    diagnostics.report(std::move(d));
    duplicates = true;
  }
}

bool DocumentBuilder::numberTooLarge() const {
  if (!syntaxError) return false;
  uint32_t here = skipJsonTrivia(text, parsed.end);
  while (here < text.size() && (text[here] == ',' || text[here] == ':')) here = skipJsonTrivia(text, here + 1);
  return jsonNumberEnd(text, here) != here;
}

/// `text` with every number as a 0 and spaces.
static std::string withoutNumbers(StringRef text) {
  std::string copy = text.str();
  uint32_t i = 0;
  while ((i = skipJsonTrivia(text, i)) < text.size()) {
    uint32_t numberEnd = jsonNumberEnd(text, i);
    if (numberEnd != i) {
      std::fill(copy.begin() + i, copy.begin() + numberEnd, ' ');
      copy[i] = '0';
      i = numberEnd;
    } else if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i)
        if (text[i] == '\\') ++i;
      ++i;
    } else {
      ++i;
    }
  }
  return copy;
}

static bool checkBytes(StringRef text, uint32_t file, Diagnostics &diagnostics) {
  if (text.size() > maxBytes) {
    diagnostics.error("G0009", {file, 0, 0},
                      "the file is " + Twine(text.size() >> 20) + " MiB, the limit is " + Twine(maxBytes >> 20) +
                          " MiB",
                      "keep weights in .safetensors or .npy files");
    return false;
  }
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.data()), *place = begin;
  bool utf8 = text.empty() || llvm::isLegalUTF8String(&place, begin + text.size());
  size_t bad = utf8 ? text.find('\0') : place - begin;
  if (bad == StringRef::npos) return true;
  Span span{file, static_cast<uint32_t>(bad), static_cast<uint32_t>(bad + 1)};
  if (utf8)
    diagnostics.error("G0016", span, "a zero byte cannot stand in JSON");
  else
    diagnostics.error("G0008", span, "byte 0x" + llvm::Twine::utohexstr(begin[bad]) + " is not UTF-8",
                      "save the file in UTF-8");
  return false;
}

bool graphc::support::readJson(const Sources &sources, uint32_t file, Diagnostics &diagnostics,
                               JsonDocument &document) {
  StringRef text = sources.text(file);
  document.file = file;
  document.sources = &sources;
  document.nodes.assign(1, {});
  document.strings.assign(1, "");
  if (!checkBytes(text, file, diagnostics)) return false;
  DocumentBuilder first(text, diagnostics, document);
  first.run(text);
  if (!first.numberTooLarge()) {
    first.reportSyntax();
    return first.good();
  }
  std::string copy = withoutNumbers(text);
  DocumentBuilder second(text, diagnostics, document);
  second.run(copy);
  second.reportSyntax();
  return second.good();
}
