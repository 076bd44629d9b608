// See source_snippet.h. The line is turned into cells (one a character) first, so that tabs, wide characters, escapes
// and bytes that are no UTF-8 keep the marks under what they mean; long lines are cut to a window of cells around the
// primary mark.
#include "compiler/support/source_snippet.h"
#include "compiler/support/diagnostics.h"
#include "compiler/support/printable_text.h"
#include <algorithm>
#include <tuple>

using namespace graphc::support;
using llvm::StringRef;

static constexpr unsigned maxColumns = 160;
static constexpr unsigned contextColumns = 40; // shown before the primary mark in a cut line
static constexpr unsigned tabWidth = 4;

namespace {
struct Cell {
  uint32_t offset; // in the text
  unsigned column; // on the screen, from 0
  std::string shown;
};
struct Line {
  std::vector<Cell> cells;
  uint32_t end = 0;     // offset behind the last cell
  unsigned columns = 0; // its screen column
  bool cutLeft = false, cutRight = false;

  /// Screen column of `offset`; the line's end for places behind it.
  unsigned columnOf(uint32_t offset) const {
    auto cell =
        std::upper_bound(cells.begin(), cells.end(), offset, [](uint32_t o, const Cell &c) { return o < c.offset; });
    if (offset >= end || cells.empty()) return columns;
    return cell == cells.begin() ? cells.front().column : std::prev(cell)->column;
  }
};
} // namespace

/// Cells of the part of the line that is shown. A line may be 256 MB long, so cells are made only near the primary
/// mark.
static Line layOut(StringRef line, uint32_t lineBegin, uint32_t focus) {
  size_t from = 0, focusByte = std::min<size_t>(focus - lineBegin, line.size());
  Line result;
  if (line.size() > maxColumns && focusByte > maxColumns - contextColumns) {
    from = focusByte - contextColumns;
    while (from > 0 && (line[from] & 0xc0) == 0x80) --from;
    result.cutLeft = true;
    result.columns = 3;
  }
  StringRef rest = line.substr(from);
  uint32_t offset = static_cast<uint32_t>(lineBegin + from);
  if (from == 0) {
    if (rest.consume_front("\xef\xbb\xbf")) offset += 3; // a byte order mark has no width
  }
  while (!rest.empty()) {
    if (result.columns >= maxColumns) {
      result.cutRight = true;
      break;
    }
    ShownCharacter character = firstCharacter(rest);
    if (rest[0] == '\t') {
      character.columns = tabWidth - result.columns % tabWidth;
      character.shown.assign(character.columns, ' ');
    }
    result.cells.push_back({offset, result.columns, character.shown});
    result.columns += character.columns;
    offset += static_cast<uint32_t>(character.bytes);
    rest = rest.substr(character.bytes);
  }
  result.end = offset;
  return result;
}

namespace {
struct Row { // of marks that do not touch each other
  std::string text;
  unsigned columns = 0;
};
} // namespace

static void place(Row &row, unsigned column, unsigned width, const SnippetMark &mark, bool colour) {
  StringRef on = !colour ? "" : mark.primary ? "\x1b[1;31m" : "\x1b[1;34m", off = colour ? "\x1b[0m" : "";
  row.text.append(column - row.columns, ' ');
  row.text += on;
  row.text.append(width, mark.primary ? '^' : '-');
  row.columns = column + width;
  if (!mark.text.empty()) {
    std::string text = printable(mark.text);
    row.text += " " + text;
    row.columns += static_cast<unsigned>(text.size()) + 1;
  }
  row.text += off;
}

std::string graphc::support::sourceSnippet(const Sources &sources, llvm::ArrayRef<SnippetMark> marks, unsigned gutter,
                                           bool colour) {
  const Span &first = marks.front().span;
  uint32_t lineBegin = sources.lineBegin(first.file, first.begin);
  Line line = layOut(sources.line(first.file, first.begin), lineBegin, first.begin);
  std::vector<const SnippetMark *> ordered;
  for (const SnippetMark &mark : marks) ordered.push_back(&mark);
  std::sort(ordered.begin(), ordered.end(), [](const SnippetMark *a, const SnippetMark *b) {
    return std::tie(a->span.begin, a) < std::tie(b->span.begin, b);
  });
  std::vector<Row> rows;
  for (const SnippetMark *each : ordered) {
    const SnippetMark &mark = *each;
    unsigned begin = line.columnOf(mark.span.begin), end = line.columnOf(std::max(mark.span.begin, mark.span.end));
    unsigned width = std::max(1u, end - std::min(begin, end));
    auto fits = [&](const Row &row) { return row.columns == 0 || row.columns + 1 <= begin; };
    auto row = std::find_if(rows.begin(), rows.end(), fits);
    if (row == rows.end()) row = rows.insert(rows.end(), Row());
    place(*row, begin, width, mark, colour);
  }

  std::string margin(gutter, ' '), number = std::to_string(sources.lineColumn(first.file, first.begin).line);
  std::string text =
      margin + " |\n" + std::string(gutter - std::min<size_t>(gutter, number.size()), ' ') + number + " | ";
  if (line.cutLeft) text += "...";
  for (const Cell &cell : line.cells) text += cell.shown;
  if (line.cutRight) text += "...";
  text = StringRef(text).rtrim(' ').str() + "\n";
  for (const Row &row : rows) text += margin + " | " + row.text + "\n";
  return text;
}
