// libFuzzer target: any bytes through the JSON reader, all places and numbers read, every diagnostic rendered in each
// form. The properties: no fault, a refusal always has a place inside the text, and an accepted text has well-nested
// places.
#include "tests/unit/read_text.h"

using namespace graphc::support;
using graphc::support::test::ReadText;

static void require(bool condition) {
  if (!condition) __builtin_trap();
}

static void visit(const ReadText &text) {
  std::vector<JsonValue> open{text.root()};
  while (!open.empty()) {
    JsonValue value = open.back();
    open.pop_back();
    Span span = value.span();
    require(span.begin < span.end && span.end <= text.sources.text(1).size());
    (void)value.integer();
    (void)value.real();
    if (value.isString()) {
      size_t length = value.string().size();
      for (size_t i = 0; i < length && i < 64; ++i) {
        Span inside = value.stringSpan(i, i + 1);
        require(inside.begin > span.begin && inside.begin < inside.end && inside.end < span.end);
      }
    }
    for (JsonValue child : value.children()) {
      require(child.span().begin > span.begin && child.span().end < span.end);
      if (value.isObject()) require(child.keySpan().end <= child.span().begin);
      open.push_back(child);
    }
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ReadText text(std::string(reinterpret_cast<const char *>(data), size));
  require(text.good == !text.diagnostics.hasErrors());
  if (text.good) visit(text);
  for (const Diagnostic &d : text.diagnostics.all())
    require(d.span.file == 1 && d.span.begin <= d.span.end && d.span.end <= size);
  text.rendered(DiagnosticFormat::Human, true);
  text.rendered(DiagnosticFormat::Json);
  return 0;
}
