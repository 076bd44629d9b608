// The diagnostics engine: every message to the user, from any stage, is one Diagnostic here; all output formats render
// this struct. Text style: lower case, one sentence, no final stop, the user's words quoted 'like this', what is and
// what was expected; never IR or C++ terms. Codes G0001... are listed with their explanation in diagnostic_codes.def.
#pragma once
#include "compiler/support/sources.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"
#include <set>

namespace graphc::support {

enum class Severity { Error, Warning };
enum class DiagnosticFormat { Human, Short, Json };

struct Label { // a further place, shown under its line with its text; the primary span may have a label text too
  Span span;
  std::string text;
};

struct Diagnostic {
  Severity severity = Severity::Error;
  std::string code;    // "G3002"
  std::string message; // without code
  Span span;           // narrowest token
  std::string label;   // text beside the caret, e.g. "[32, 512]"; may be empty
  std::vector<Label> labels;
  std::vector<Label> notes; // "note: ... --> file:line:col"; span may be empty
  std::string help;         // "help: ..."; may be empty
};

class Diagnostics {
public:
  static constexpr size_t maxShown = 50;
  explicit Diagnostics(const Sources &sources) : sources(sources) {}
  /// Keeps the diagnostic unless the same code, text and place was reported before.
  void report(Diagnostic d);
  /// Shorthand for an error with a place.
  void error(llvm::StringRef code, Span span, const llvm::Twine &message, std::string help = "");
  /// Forgets all but the first `count` that were reported: of what was tried and is done again.
  void takeBack(size_t count);
  bool hasErrors() const { return errors != 0; }
  size_t errorCount() const { return errors; }
  const std::vector<Diagnostic> &all() const { return list; }
  /// Prints everything reported so far: human and short to read, or one JSON document (array of at most maxShown
  /// objects with code, severity, message, file, line, column, end_line, end_column, labels, notes, help, rendered).
  /// Sorted by file and place.
  void render(llvm::raw_ostream &os, DiagnosticFormat format, bool colour) const;

private:
  const Sources &sources;
  std::vector<Diagnostic> list;
  std::set<std::string> seen;
  size_t errors = 0;
};

/// One explained code of diagnostic_codes.def.
struct CodeInfo {
  llvm::StringRef code, title, explanation;
};
llvm::ArrayRef<CodeInfo> diagnosticCodes();
const CodeInfo *findDiagnosticCode(llvm::StringRef code);
/// True for the warnings that a graph may silence with "allow".
inline bool isLint(llvm::StringRef code) {
  return (code.starts_with("G8") || code == "G7007") && findDiagnosticCode(code);
}

/// The candidate nearest to `word`, or "" if none is near enough to be meant.
std::string nearestWord(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> candidates);
/// ", did you mean 'x'?" or "".
std::string didYouMean(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> candidates);
/// Control characters as \x1b, so that file content never drives a terminal.
std::string printable(llvm::StringRef text);

} // namespace graphc::support
