// Each way that a text could leave its comment or warn inside it.
#include "compiler/package/c_comment.h"
#include <catch2/catch.hpp>

using graphc::package::commentText;

TEST_CASE("texts stay inside their comment") {
  CHECK(commentText("plain, 1..2", "  ") == "plain, 1..2");
  CHECK(commentText("a */ b", "") == "a * / b");
  CHECK(commentText("a /* b", "") == "a / * b");
  CHECK(commentText("/*/ **/ */*/", "") == "/ * / ** / * / * /");
  CHECK(commentText("ends with *", "") == "ends with *");
  CHECK(commentText("what?\?/ ?\?\?", "") == "what? ?/ ? ? ?");
  CHECK(commentText("one\ntwo", "   ") == "one\n   two");
  CHECK(commentText("one\\\ntwo\\", "") == "one\\ \ntwo\\ ");
}

TEST_CASE("characters that drive terminals or reorder text are shown as numbers") {
  using namespace std::string_literals;
  CHECK(commentText("a\x1b[2J\r\t\x7f"s, "") == "a\\x1b[2J\\x0d\\x09\\x7f");
  CHECK(commentText("nul\0byte"s, "") == "nul\\x00byte");
  CHECK(commentText("\u202eevil\u2066\u200b\ufeff", "") == "\\u202eevil\\u2066\\u200b\\ufeff");
  CHECK(commentText("caf\u00e9 \u4e2d \U0001f600", "") == "caf\u00e9 \u4e2d \U0001f600");
  CHECK(commentText("\xff\xc3 \xe4\xb8", "") == "\\xff\\xc3 \\xe4\\xb8");
  CHECK(commentText("\u0085", "") == "\\u0085");
}
