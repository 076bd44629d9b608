// A located JSON document: flat arrays of nodes with byte spans of keys and values, numbers as raw text. Filled from
// nlohmann's SAX events by json_reader.cpp; no user text ever becomes a DOM, nothing here recurses over user data.
// Refused: duplicate keys, depth > 512, more than 10^6 nodes, files over 256 MiB, invalid UTF-8, NaN/Infinity literals,
// trailing commas.
#pragma once
#include "compiler/support/diagnostics.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace graphc::support {

enum class JsonKind : uint8_t { Null, Bool, Number, String, Array, Object };

class JsonDocument;

/// A value of the document (index + document: cheap to copy). A default-constructed one is absent.
class JsonValue {
public:
  JsonValue() = default;
  JsonValue(const JsonDocument *document, uint32_t index) : document(document), index(index) {}
  explicit operator bool() const { return document != nullptr; }
  JsonKind kind() const;
  bool isObject() const { return *this && kind() == JsonKind::Object; }
  bool isArray() const { return *this && kind() == JsonKind::Array; }
  bool isString() const { return *this && kind() == JsonKind::String; }
  bool isNumber() const { return *this && kind() == JsonKind::Number; }
  bool isBool() const { return *this && kind() == JsonKind::Bool; }
  Span span() const;              // of the value, quotes included
  Span keySpan() const;           // of the key that names it, quotes included; empty in arrays
  llvm::StringRef key() const;    // unescaped
  llvm::StringRef string() const; // unescaped; strings only
  bool boolean() const;
  llvm::StringRef numberText() const;
  std::optional<int64_t> integer() const; // exact int64, or nullopt (1.0 counts as 1; 1.5 and 2^63 do not)
  std::optional<double> real() const;     // numbers only; nullopt where it overflows to infinity
  /// Place of byte `i` of string() in the file: exact also when the string has escapes.
  Span stringSpan(size_t begin, size_t end) const;
  JsonValue firstChild() const;
  JsonValue next() const;
  JsonValue find(llvm::StringRef key) const; // objects only; absent if missing
  size_t size() const;                       // children of arrays and objects
  /// Children, for range-for.
  llvm::SmallVector<JsonValue, 8> children() const;
  const void *id() const; // identity, for maps
private:
  const JsonDocument *document = nullptr;
  uint32_t index = 0;
};

class JsonDocument {
public:
  struct Node {
    JsonKind kind;
    bool boolean = false;
    uint32_t begin = 0, end = 0, keyBegin = 0, keyEnd = 0, parent = 0, next = 0, firstChild = 0, childCount = 0;
    uint32_t text = 0, key = 0; // indices into strings (unescaped), 0 = ""
  };
  uint32_t file = 0;
  const Sources *sources = nullptr;
  std::vector<Node> nodes; // nodes[0] is unused
  std::vector<std::string> strings;
  JsonValue root() const { return JsonValue(this, 1); }
};

/// Parses a registered text. False after reporting (G0001...G0009, G0004 duplicate key with both places).
bool readJson(const Sources &sources, uint32_t file, Diagnostics &diagnostics, JsonDocument &document);

} // namespace graphc::support
