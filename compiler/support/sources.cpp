// Texts and places. Line starts, and the number of characters before each block of bytes, are found on first use, once
// per text: a place costs the same in a file whose millions of bytes stand on one line. Characters are counted by
// stepping over UTF-8 continuation bytes, so a text that is not UTF-8 still has places. A file id or an offset out of
// range gives the nearest place, never a fault.
#include "compiler/support/sources.h"
#include <algorithm>
#include <cstring>

using namespace graphc::support;

uint32_t Sources::add(std::string path, std::string text) {
  files.push_back({std::move(path), std::move(text), {}, {}});
  return static_cast<uint32_t>(files.size());
}

const Sources::File &Sources::get(uint32_t file) const {
  static const File none;
  return file >= 1 && file <= files.size() ? files[file - 1] : none;
}

llvm::StringRef Sources::path(uint32_t file) const { return get(file).path; }

llvm::StringRef Sources::text(uint32_t file) const { return get(file).text; }

/// The entry of the line that holds `offset`: starts[i] <= offset < starts[i + 1].
static size_t lineIndex(const std::string &text, std::vector<uint32_t> &starts, uint32_t offset) {
  if (starts.empty()) {
    starts.push_back(0);
    const char *begin = text.data(), *end = begin + text.size();
    for (const char *p = begin; p != end && (p = static_cast<const char *>(memchr(p, '\n', end - p)));)
      starts.push_back(static_cast<uint32_t>(++p - begin));
  }
  return std::upper_bound(starts.begin(), starts.end(), offset) - starts.begin() - 1;
}

uint32_t Sources::lineBegin(uint32_t file, uint32_t offset) const {
  const File &source = get(file);
  size_t index = lineIndex(source.text, source.lineStarts, offset);
  return source.lineStarts[index];
}

llvm::StringRef Sources::line(uint32_t file, uint32_t offset) const {
  const File &source = get(file);
  size_t index = lineIndex(source.text, source.lineStarts, offset);
  bool last = index + 1 == source.lineStarts.size();
  size_t end = last ? source.text.size() : source.lineStarts[index + 1] - 1; // the line feed
  llvm::StringRef content = llvm::StringRef(source.text).slice(source.lineStarts[index], end);
  content.consume_back("\r");
  return content;
}

static uint32_t countCharacters(llvm::StringRef bytes) {
  return static_cast<uint32_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Code points in text[0, offset).
static uint32_t charactersBefore(llvm::StringRef text, std::vector<uint32_t> &counts, uint32_t offset) {
  constexpr size_t block = 1024;
  if (counts.empty()) {
    counts.push_back(0);
    for (size_t end = block; end <= text.size(); end += block)
      counts.push_back(counts.back() + countCharacters(text.slice(end - block, end)));
  }
  size_t known = offset / block;
  return counts[known] + countCharacters(text.slice(known * block, offset));
}

LineColumn Sources::lineColumn(uint32_t file, uint32_t offset) const {
  const File &source = get(file);
  llvm::StringRef text = source.text;
  LineColumn place;
  size_t index = lineIndex(source.text, source.lineStarts, offset);
  place.line = static_cast<uint32_t>(index + 1);
  uint32_t begin = source.lineStarts[index], end = static_cast<uint32_t>(std::min<size_t>(offset, text.size()));
  if (begin == 0 && text.starts_with("\xef\xbb\xbf"))
    begin = std::min<uint32_t>(end, 3); // a byte order mark is no character
  place.column +=
      charactersBefore(text, source.characterCounts, end) - charactersBefore(text, source.characterCounts, begin);
  return place;
}
