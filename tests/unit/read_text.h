// A JSON text as the tests read it: sources, diagnostics and document with one lifetime, and what was reported as one
// word a message.
#pragma once
#include "compiler/support/json_document.h"

namespace graphc::support::test {

struct ReadText {
  Sources sources;
  Diagnostics diagnostics{sources};
  JsonDocument document;
  bool good;
  explicit ReadText(std::string text) {
    good = readJson(sources, sources.add("net.json", std::move(text)), diagnostics, document);
  }
  ReadText(const ReadText &) = delete;
  JsonValue root() const { return document.root(); }
  llvm::StringRef at(Span span) const { return sources.text(span.file).slice(span.begin, span.end); }
  /// "G0001 1:4 expected ',' after this value" of the only error, else how many there are.
  std::string error() const {
    if (diagnostics.all().size() != 1) return std::to_string(diagnostics.all().size()) + " errors";
    const Diagnostic &d = diagnostics.all().front();
    LineColumn place = sources.lineColumn(d.span.file, d.span.begin);
    return d.code + " " + std::to_string(place.line) + ":" + std::to_string(place.column) + " " + d.message;
  }
  std::string rendered(DiagnosticFormat format = DiagnosticFormat::Human, bool colour = false) const {
    std::string text;
    llvm::raw_string_ostream stream(text);
    diagnostics.render(stream, format, colour);
    return text;
  }
};

} // namespace graphc::support::test
