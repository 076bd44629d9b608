// One line of a source text with marks under it:
//    |
// 41 |   {"op": "matmul", "in": ["h3", "w"]}
//    |                            ^^^^  --- [256, 10]
#pragma once
#include "compiler/support/sources.h"
#include "llvm/ADT/ArrayRef.h"

namespace graphc::support {

/// A range of the line to underline and a text to show beside it.
struct SnippetMark {
  Span span;
  std::string text;
  bool primary = false; // '^', else '-'
};

/// The finished lines, each with its end. All marks begin on the line of the first one. Colour: ANSI sequences for the
/// marks.
std::string sourceSnippet(const Sources &sources, llvm::ArrayRef<SnippetMark> marks, unsigned gutter, bool colour);

} // namespace graphc::support
