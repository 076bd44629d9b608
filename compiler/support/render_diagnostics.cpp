// Diagnostics as text and as JSON. The first line of each is "net.json:41:25: error[G3002]: message", the form that
// editors, CMake and CI jump to; the source line with its marks follows, then other places, notes and help. Everything
// that comes from a user's file passes printable() here, so no caller can forget it.
#include "compiler/support/diagnostics.h"
#include "compiler/support/source_snippet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <tuple>

using namespace graphc::support;
using llvm::StringRef;

namespace {
class Renderer {
public:
  Renderer(const Sources &sources, bool colour) : sources(sources), colour(colour) {}
  std::string firstLine(const Diagnostic &d) const;
  std::string whole(const Diagnostic &d) const;
  void json(llvm::json::OStream &out, const Diagnostic &d) const;

private:
  std::string place(const Span &span) const;
  std::string painted(StringRef text, StringRef sgr) const {
    return colour ? ("\x1b[" + sgr + "m" + text + "\x1b[0m").str() : text.str();
  }
  unsigned gutter(const Diagnostic &d) const;
  std::string snippets(const Diagnostic &d) const;
  void jsonPlace(llvm::json::OStream &out, const Span &span) const;
  void jsonLabels(llvm::json::OStream &out, StringRef key, llvm::ArrayRef<Label> labels) const;

  const Sources &sources;
  bool colour;
};
} // namespace

/// A message for people: printable, and cut where a user's word of megabytes would fill the screen.
static std::string sentence(StringRef text) {
  constexpr size_t longest = 2000;
  if (text.size() <= longest) return printable(text);
  return printable(text.substr(0, longest)) + "...";
}

/// Help and notes may have several lines; they stay indented so that none looks like a message of its own.
static std::string paragraph(StringRef text) {
  std::string result;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    if (!result.empty()) result += "\n      ";
    result += sentence(line);
    text = rest;
  }
  return result;
}

std::string Renderer::place(const Span &span) const {
  LineColumn at = sources.lineColumn(span.file, span.begin);
  return printable(sources.path(span.file)) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string Renderer::firstLine(const Diagnostic &d) const {
  bool error = d.severity == Severity::Error;
  std::string head = (error ? "error" : "warning") + (d.code.empty() ? "" : "[" + d.code + "]") + ":";
  std::string where = d.span ? painted(place(d.span) + ":", "1") + " " : "";
  return where + painted(head, error ? "1;31" : "1;35") + " " + painted(sentence(d.message), "1") + "\n";
}

/// Width of the largest line number shown.
unsigned Renderer::gutter(const Diagnostic &d) const {
  uint32_t largest = sources.lineColumn(d.span.file, d.span.begin).line;
  for (const Label &label : d.labels)
    if (label.span) largest = std::max(largest, sources.lineColumn(label.span.file, label.span.begin).line);
  return static_cast<unsigned>(std::to_string(largest).size());
}

/// The primary line first; then the lines of the labels that stand elsewhere, each under its place.
std::string Renderer::snippets(const Diagnostic &d) const {
  struct Block {
    uint32_t file, lineBegin;
    std::vector<SnippetMark> marks;
  };
  std::vector<Block> blocks;
  auto add = [&](const Span &span, StringRef text, bool primary) {
    uint32_t lineBegin = sources.lineBegin(span.file, span.begin);
    auto block = llvm::find_if(blocks, [&](const Block &b) { return b.file == span.file && b.lineBegin == lineBegin; });
    if (block == blocks.end()) block = blocks.insert(blocks.end(), {span.file, lineBegin, {}});
    block->marks.push_back({span, text.str(), primary});
  };
  add(d.span, d.label, true);
  for (const Label &label : d.labels)
    if (label.span) add(label.span, label.text, false);
  unsigned width = gutter(d);
  std::string text;
  for (const Block &block : blocks) {
    if (&block != &blocks.front())
      text += std::string(width, ' ') + painted("--> ", "1;34") + place(block.marks.front().span) + "\n";
    text += sourceSnippet(sources, block.marks, width, colour);
  }
  return text;
}

std::string Renderer::whole(const Diagnostic &d) const {
  std::string text = firstLine(d);
  if (d.span) text += snippets(d);
  for (const Label &note : d.notes)
    text +=
        painted("note:", "1;36") + " " + paragraph(note.text) + (note.span ? "  --> " + place(note.span) : "") + "\n";
  if (!d.help.empty()) text += painted("help:", "1;32") + " " + paragraph(d.help) + "\n";
  return text;
}

void Renderer::jsonPlace(llvm::json::OStream &out, const Span &span) const {
  if (!span) return;
  LineColumn begin = sources.lineColumn(span.file, span.begin), end = sources.lineColumn(span.file, span.end);
  out.attribute("file", llvm::json::fixUTF8(sources.path(span.file)));
  out.attribute("line", begin.line);
  out.attribute("column", begin.column);
  out.attribute("end_line", end.line);
  out.attribute("end_column", end.column);
}

void Renderer::jsonLabels(llvm::json::OStream &out, StringRef key, llvm::ArrayRef<Label> labels) const {
  out.attributeArray(key, [&] {
    for (const Label &label : labels)
      out.object([&] {
        out.attribute("message", llvm::json::fixUTF8(label.text));
        jsonPlace(out, label.span);
      });
  });
}

void Renderer::json(llvm::json::OStream &out, const Diagnostic &d) const {
  out.object([&] {
    out.attribute("code", d.code);
    out.attribute("severity", d.severity == Severity::Error ? "error" : "warning");
    out.attribute("message", llvm::json::fixUTF8(d.message));
    jsonPlace(out, d.span);
    out.attribute("label", llvm::json::fixUTF8(d.label));
    jsonLabels(out, "labels", d.labels);
    jsonLabels(out, "notes", d.notes);
    out.attribute("help", llvm::json::fixUTF8(d.help));
    out.attribute("rendered", llvm::json::fixUTF8(whole(d)));
  });
}

static std::string counted(size_t count, StringRef noun) {
  return (llvm::Twine(count) + " " + noun + (count == 1 ? "" : "s")).str();
}

static std::string summary(size_t errors, size_t warnings) {
  if (errors == 0) return counted(warnings, "warning");
  return counted(errors, "error") + (warnings ? " and " + counted(warnings, "warning") : "");
}

void Diagnostics::render(llvm::raw_ostream &os, DiagnosticFormat format, bool colour) const {
  std::vector<const Diagnostic *> ordered;
  for (const Diagnostic &d : list) ordered.push_back(&d);
  std::sort(ordered.begin(), ordered.end(), [](const Diagnostic *a, const Diagnostic *b) {
    return std::tie(a->span.file, a->span.begin, a) < std::tie(b->span.file, b->span.begin, b); // else as reported
  });
  if (format == DiagnosticFormat::Json) {
    Renderer renderer(sources, false);
    llvm::json::OStream out(os, 2);
    out.array([&] {
      for (const Diagnostic *d : llvm::ArrayRef(ordered).take_front(maxShown)) renderer.json(out, *d);
    });
    os << "\n";
    return;
  }
  Renderer renderer(sources, colour);
  bool human = format == DiagnosticFormat::Human;
  for (const Diagnostic *d : llvm::ArrayRef(ordered).take_front(maxShown))
    os << (human ? renderer.whole(*d) + "\n" : renderer.firstLine(*d));
  if (list.size() > maxShown) os << "... " << list.size() - maxShown << " more\n";
  if (human && !list.empty()) os << summary(errors, list.size() - errors) << "\n";
}
