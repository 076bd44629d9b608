// Keeping diagnostics, the list of codes, and the words nearest to a mistyped one. Rendering: render_diagnostics.cpp.
#include "compiler/support/diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace graphc::support;
using llvm::StringRef;

static std::string identityOf(const Diagnostic &d) {
  return d.code + "\n" + d.message + "\n" + std::to_string(d.span.file) + ":" + std::to_string(d.span.begin) + "-" +
         std::to_string(d.span.end);
}

void Diagnostics::report(Diagnostic d) {
  if (!seen.insert(identityOf(d)).second) return;
  if (d.severity == Severity::Error) ++errors;
  list.push_back(std::move(d));
}

void Diagnostics::takeBack(size_t count) {
  for (; list.size() > count; list.pop_back()) {
    if (list.back().severity == Severity::Error) --errors;
    seen.erase(identityOf(list.back()));
  }
}

void Diagnostics::error(StringRef code, Span span, const llvm::Twine &message, std::string help) {
  Diagnostic d;
  d.code = code.str();
  d.span = span;
  d.message = message.str();
  d.help = std::move(help);
  report(std::move(d));
}

static constexpr CodeInfo codes[] = {
#define GRAPHC_DIAGNOSTIC(code, title, explanation) {#code, title, explanation},
#include "compiler/support/diagnostic_codes.def"
#undef GRAPHC_DIAGNOSTIC
};

llvm::ArrayRef<CodeInfo> graphc::support::diagnosticCodes() { return codes; }

const CodeInfo *graphc::support::findDiagnosticCode(StringRef code) {
  const auto *found = llvm::find_if(codes, [&](const CodeInfo &info) { return code.equals_insensitive(info.code); });
  return found == std::end(codes) ? nullptr : found;
}

std::string graphc::support::nearestWord(StringRef word, llvm::ArrayRef<StringRef> candidates) {
  // Words of a few letters are near to everything, and long ones cost quadratic time for no use.
  constexpr size_t longest = 128;
  if (word.empty() || word.size() > longest) return "";
  unsigned limit = std::max<unsigned>(1, static_cast<unsigned>(word.size() / 3));
  StringRef best;
  unsigned bestDistance = limit + 1;
  for (StringRef candidate : candidates) {
    if (candidate.empty() || candidate.size() > longest || candidate == word) continue;
    unsigned distance = word.equals_insensitive(candidate) ? 0 : word.edit_distance(candidate, true, bestDistance);
    if (distance >= bestDistance) continue;
    if (distance >= std::max(word.size(), candidate.size())) continue; // nothing in common
    best = candidate;
    bestDistance = distance;
  }
  return best.str();
}

std::string graphc::support::didYouMean(StringRef word, llvm::ArrayRef<StringRef> candidates) {
  std::string nearest = nearestWord(word, candidates);
  return nearest.empty() ? "" : ", did you mean '" + nearest + "'?";
}
