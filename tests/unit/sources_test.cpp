// Lines and columns: compared with counting from the start of the text, at every place of texts with all difficult
// bytes.
#include "compiler/support/sources.h"
#include <catch2/catch.hpp>

using namespace graphc::support;

/// The definition: lines end at a line feed, columns count bytes that do not continue a character, a byte order mark
/// counts nothing.
static LineColumn counted(const std::string &text, size_t offset) {
  LineColumn place;
  size_t i = text.compare(0, 3, "\xef\xbb\xbf") == 0 ? std::min<size_t>(3, offset) : 0;
  for (; i < std::min(offset, text.size()); ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((text[i] & 0xc0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

TEST_CASE("lines and columns at every place", "[sources]") {
  std::string longLine;
  for (int i = 0; i < 700; ++i) longLine += "a\u00e9\u4e2d";
  for (const std::string &text :
       {std::string(), std::string("\n"), std::string("a\r\nb\n\nc"), std::string("\xef\xbb\xbf{\n}"),
        std::string("\xff\xfe\x80\n\x80"), longLine + "\n" + longLine, std::string(1024, 'x'),
        std::string(1023, 'x') + "\n" + std::string(2048, 'y')}) {
    Sources sources;
    uint32_t file = sources.add("net.json", text);
    for (uint32_t offset = 0; offset <= text.size() + 2; ++offset) {
      LineColumn place = sources.lineColumn(file, offset), expected = counted(text, offset);
      if (place.line == expected.line && place.column == expected.column) continue;
      FAIL_CHECK("offset " << offset << " is " << place.line << ":" << place.column << ", expected " << expected.line
                           << ":" << expected.column);
    }
  }
}

TEST_CASE("the line of a place", "[sources]") {
  Sources sources;
  uint32_t file = sources.add("net.json", "one\r\n\ntwo");
  CHECK(sources.line(file, 0) == "one");
  CHECK(sources.line(file, 4) == "one");
  CHECK(sources.line(file, 5) == "");
  CHECK(sources.line(file, 6) == "two");
  CHECK(sources.line(file, 99) == "two");
  CHECK(sources.lineBegin(file, 8) == 6);
  CHECK(sources.path(file) == "net.json");
  CHECK(sources.text(99) == "");
  CHECK(sources.line(0, 7) == "");
}

TEST_CASE("places on one line of many megabytes cost the same as elsewhere", "[sources]") {
  Sources sources;
  uint32_t size = 64 << 20;
  uint32_t file = sources.add("net.json", std::string(size, 'x'));
  for (uint32_t i = 0; i < 100000; ++i) // quadratic counting would take hours
    REQUIRE(sources.lineColumn(file, size - i).column == size - i + 1);
}
