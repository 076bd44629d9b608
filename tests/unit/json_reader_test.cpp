// The JSON reader: places of keys and values, numbers as written, limits, and one message for every way to be no JSON.
#include "tests/unit/read_text.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace graphc::support;
using graphc::support::test::ReadText;

TEST_CASE("places of keys and values are exact", "[json]") {
  ReadText text("\xef\xbb\xbf{ // comment, with \"quotes\" and [brackets]\n"
                " \"a\\n\": [1, -2.5e3,true ,null],\n"
                " /* x */ \"b\" /* , */ : {\"k\\u00e9\":\"v\\\"\\u00e9\"} , \"\":false }  // end\n");
  REQUIRE(text.good);
  JsonValue root = text.root();
  CHECK(root.isObject());
  CHECK(root.size() == 3);
  CHECK(text.at(root.span()).starts_with("{ // comment"));
  CHECK(text.at(root.span()).ends_with("false }"));
  JsonValue a = root.find("a\n");
  REQUIRE(a.isArray());
  CHECK(text.at(a.keySpan()) == "\"a\\n\"");
  CHECK(text.at(a.span()) == "[1, -2.5e3,true ,null]");
  std::vector<std::string> items;
  for (JsonValue item : a.children()) {
    items.push_back(text.at(item.span()).str());
    CHECK(!item.keySpan());
  }
  CHECK(items == std::vector<std::string>{"1", "-2.5e3", "true", "null"});
  JsonValue b = root.find("b");
  CHECK(text.at(b.keySpan()) == "\"b\"");
  JsonValue inner = b.firstChild();
  CHECK(inner.key() == "k\u00e9");
  CHECK(text.at(inner.keySpan()) == "\"k\\u00e9\"");
  CHECK(inner.string() == "v\"\u00e9");
  CHECK(text.at(inner.span()) == "\"v\\\"\\u00e9\"");
  JsonValue last = root.find("");
  CHECK(last.isBool());
  CHECK_FALSE(last.boolean());
  CHECK_FALSE(root.find("missing"));
  CHECK_FALSE(last.next());
}

TEST_CASE("places inside strings", "[json]") {
  ReadText text(R"(["plain", "a\n\u00e9\u4e2d\ud83d\ude00z", "é中"])");
  REQUIRE(text.good);
  auto items = text.root().children();
  CHECK(text.at(items[0].stringSpan(1, 3)) == "la");
  CHECK(text.at(items[0].stringSpan(5, 5)).empty());
  CHECK(text.at(items[0].stringSpan(3, 900)) == "in");
  JsonValue escaped = items[1]; // bytes: a 1, \n 1, é 2, 中 3, the emoji 4, z 1
  REQUIRE(escaped.string().size() == 12);
  CHECK(text.at(escaped.stringSpan(0, 1)) == "a");
  CHECK(text.at(escaped.stringSpan(1, 2)) == "\\n");
  CHECK(text.at(escaped.stringSpan(2, 4)) == "\\u00e9");
  CHECK(text.at(escaped.stringSpan(4, 7)) == "\\u4e2d");
  CHECK(text.at(escaped.stringSpan(7, 11)) == "\\ud83d\\ude00");
  CHECK(text.at(escaped.stringSpan(11, 12)) == "z");
  CHECK(text.at(escaped.stringSpan(3, 5)) == "\\u00e9\\u4e2d"); // a part of a character is the whole of it
  Span end = escaped.stringSpan(12, 12);
  CHECK(end.begin == end.end);
  CHECK(end.begin == escaped.span().end - 1);
  Span empty = escaped.stringSpan(2, 2);
  CHECK(empty.begin == empty.end);
  CHECK(text.at(items[2].stringSpan(2, 5)) == "中");
}

TEST_CASE("root values that are no objects", "[json]") {
  for (const char *good : {"1", "\"x\"", "null", " [] ", "{}", "-0", "// c\n1", "1 /* */ // "}) {
    INFO(good);
    CHECK(ReadText(good).good);
  }
}

namespace {
struct NumberCase {
  const char *text;
  std::optional<int64_t> integer;
  std::optional<double> real;
};
} // namespace

static constexpr int64_t largest = INT64_MAX, smallest = INT64_MIN;
static constexpr auto none = std::nullopt;

static const NumberCase numbers[] = {
    {"0", 0, 0.0},
    {"-0", 0, -0.0},
    {"1", 1, 1.0},
    {"-1", -1, -1.0},
    {"1.0", 1, 1.0},
    {"1.5", none, 1.5},
    {"1e3", 1000, 1000.0},
    {"1E+3", 1000, 1000.0},
    {"1.5e1", 15, 15.0},
    {"15e-1", none, 1.5},
    {"10e-1", 1, 1.0},
    {"1000e-3", 1, 1.0},
    {"1001e-3", none, 1.001},
    {"0e999", 0, 0.0},
    {"0.000", 0, 0.0},
    {"-0.0e5", 0, -0.0},
    {"0e-999999999999999999999999", 0, 0.0},
    {"9007199254740993", 9007199254740993, 9007199254740992.0},
    {"9223372036854775807", largest, 9223372036854775808.0},
    {"9223372036854775808", none, 9223372036854775808.0},
    {"-9223372036854775808", smallest, -9223372036854775808.0},
    {"-9223372036854775809", none, -9223372036854775808.0},
    {"9223372036854775807.0", largest, 9223372036854775808.0},
    {"922337203685477580.7e1", largest, 9223372036854775808.0},
    {"922337203685477580.8e1", none, 9223372036854775808.0},
    {"18446744073709551615", none, 18446744073709551616.0},
    {"18446744073709551616", none, 18446744073709551616.0},
    {"10000000000000000000", none, 1e19},
    {"99999999999999999999", none, 1e20},
    {"1e18", 1000000000000000000, 1e18},
    {"1e19", none, 1e19},
    {"1e308", none, 1e308},
    {"1.7976931348623157e308", none, 1.7976931348623157e308},
    {"1.7976931348623159e308", none, none},
    {"1e309", none, none},
    {"-1e309", none, none},
    {"1e999", none, none},
    {"1e99999999999999999999", none, none},
    {"0.1e999", none, none},
    {"1e-5", none, 1e-5},
    {"5e-324", none, 5e-324},
    {"1e-400", none, 0.0},
    {"-1e-400", none, -0.0},
    {"1e-99999999999999999999", none, 0.0},
    {"0.1", none, 0.1},
    {"0.30000000000000004", none, 0.30000000000000004},
    {"3.141592653589793", none, 3.141592653589793},
    {"2.2250738585072014e-308", none, 2.2250738585072014e-308},
    {"2.2250738585072011e-308", none, 2.2250738585072011e-308},
    {"123456789012345678", 123456789012345678, 123456789012345680.0},
    {"4294967296", 4294967296, 4294967296.0},
    {"2147483648", 2147483648, 2147483648.0},
    {"-2147483649", -2147483649, -2147483649.0},
    {"100e-2", 1, 1.0},
    {"0.5e1", 5, 5.0},
    {"0.05e1", none, 0.5},
    {"12345e-5", none, 0.12345},
    {"1.10", none, 1.1},
    {"7.000000000000000000000", 7, 7.0},
    {"7.000000000000000000001", none, 7.0},
    {"0.00000000000000000001e20", 1, 1.0},
    {"100000000000000000000e-20", 1, 1.0},
};

TEST_CASE("numbers keep their exact value", "[json]") {
  CHECK(std::size(numbers) >= 60);
  for (const NumberCase &number : numbers) {
    INFO(number.text);
    ReadText text(std::string("[") + number.text + ", 7]");
    REQUIRE(text.good);
    JsonValue value = text.root().firstChild();
    CHECK(value.numberText() == number.text);
    CHECK(value.integer() == number.integer);
    std::optional<double> real = value.real();
    REQUIRE(real.has_value() == number.real.has_value());
    if (!real) continue;
    CHECK(*real == *number.real);
    CHECK(std::signbit(*real) == std::signbit(*number.real));
  }
}

TEST_CASE("numbers of thousands of digits", "[json]") {
  std::string zeros(5000, '0');
  ReadText text("{\"a\": 1" + zeros + ", \"b\": 1" + zeros + "e-5000, \"c\": 0." + zeros +
                "1e5001, \"d\": \"1e999, -1e999\"} // 1e999");
  REQUIRE(text.good);
  CHECK_FALSE(text.root().find("a").integer());
  CHECK_FALSE(text.root().find("a").real());
  CHECK(text.root().find("b").integer() == 1);
  CHECK(text.root().find("c").integer() == 1);
  CHECK(text.root().find("d").string() == "1e999, -1e999"); // strings are untouched by the second parse
  CHECK(text.at(text.root().find("b").keySpan()) == "\"b\"");
}

namespace {
struct BadText {
  const char *text, *error;
};
} // namespace

static const BadText badTexts[] = {
    {R"({"op": "relu" "in": "x"})", "G0001 1:14 expected ',' after this value"},
    {"[1 2]", "G0001 1:3 expected ',' after this value"},
    {"[1\n// c\n 2]", "G0001 1:3 expected ',' after this value"},
    {R"([{"a":1} {"b":2}])", "G0001 1:9 expected ',' after this value"},
    {R"({"a" 1})", "G0001 1:5 expected ':' after this key"},
    {R"({"a", 1})", "G0001 1:5 expected ':' after this key"},
    {R"({"a": [1, 2})", "G0001 1:12 expected ']' here, found '}'"},
    {R"([{"a": 1])", "G0001 1:9 expected '}' here, found ']'"},
    {"[1, 2", "G0001 1:1 this '[' is never closed"},
    {"{\"a\": {\n", "G0001 1:7 this '{' is never closed"},
    {"{\"a\":", "G0001 1:1 this '{' is never closed"},
    {"{\"a\"", "G0001 1:1 this '{' is never closed"},
    {"[1,2,]", "G0002 1:5 remove this comma"},
    {R"({"a": 1 , })", "G0002 1:9 remove this comma"},
    {"[1,,2]", "G0002 1:4 remove this comma"},
    {"[,1]", "G0002 1:2 remove this comma"},
    {R"({,"a": 1})", "G0002 1:2 remove this comma"},
    {R"({"a": "x})", "G0003 1:7 this string is not closed on its line"},
    {"[\"x\ny\"]", "G0003 1:2 this string is not closed on its line"},
    {"[\"x\\", "G0003 1:2 this string is not closed on its line"},
    {"{\"a\n\": 1}", "G0003 1:2 this string is not closed on its line"},
    {R"({"a": 1, "b": 2, "a": 3})", "G0004 1:18 'a' is given twice"},
    {R"({"\u0061": 1, "a": 3})", "G0004 1:15 'a' is given twice"},
    {R"({"x": {"a": 1, "a": 3}})", "G0004 1:16 'a' is given twice"},
    {"[NaN]", "G0005 1:2 write \"nan\" as a string"},
    {"[-Infinity]", "G0005 1:2 write \"-inf\" as a string"},
    {R"({"a": inf})", "G0005 1:7 write \"inf\" as a string"},
    {"[\"\xff\"]", "G0008 1:3 byte 0xff is not UTF-8"},
    {"[1] // \xc3", "G0008 1:8 byte 0xc3 is not UTF-8"},
    {"[\"\xed\xa0\x80\"]", "G0008 1:3 byte 0xed is not UTF-8"}, // a surrogate in UTF-8
    {"[\"\xc0\x80\"]", "G0008 1:3 byte 0xc0 is not UTF-8"},     // a zero in two bytes
    {"", "G0016 1:1 the file holds no JSON value"},
    {" // c\n ", "G0016 2:2 the file holds no JSON value"},
    {"[1] 2", "G0016 1:5 nothing may follow the end of the document"},
    {"{} }", "G0016 1:4 nothing may follow the end of the document"},
    {"]", "G0016 1:1 ']' closes nothing"},
    {R"({op: 1})", "G0016 1:2 expected a key in double quotes"},
    {R"({"a": 1, 'b': 2})", "G0016 1:10 expected a key in double quotes"},
    {R"(['a'])", "G0016 1:2 strings are written in double quotes"},
    {"[True]", "G0016 1:2 expected a value, found 'True', did you mean 'true'?"},
    {"[None]", "G0016 1:2 expected a value, found 'None', did you mean 'null'?"},
    {"[relu]", "G0016 1:2 expected a value, found 'relu'"},
    {"[truely]", "G0016 1:2 'truely' is no value"},
    {"[01]", "G0016 1:2 '01' is no number"},
    {"[1.5.2]", "G0016 1:2 '1.5.2' is no number"},
    {"[+1]", "G0016 1:2 '+1' is no number"},
    {"[.5]", "G0016 1:2 '.5' is no number"},
    {"[1.]", "G0016 1:2 '1.' is no number"},
    {"[1e]", "G0016 1:2 '1e' is no number"},
    {"[-]", "G0016 1:2 '-' is no number"},
    {"[0x10]", "G0016 1:2 '0x10' is no number"},
    {"[\xc3\xa9]", "G0016 1:2 expected a value, found '\xc3\xa9'"},
    {R"({"a":})", "G0016 1:6 expected a value, found '}'"},
    {R"({"a":,})", "G0016 1:6 expected a value, found ','"},
    {R"(["C:\data"])", "G0016 1:5 '\\d' is no escape"},
    {R"(["\u12g4"])", "G0016 1:3 '\\u' must be followed by four hex digits"},
    {R"(["\ud83d"])", "G0016 1:3 '\\ud83d' is half of a surrogate pair"},
    {R"(["\ude00"])", "G0016 1:3 '\\ude00' is half of a surrogate pair"},
    {R"(["\ud83d\ud83d"])", "G0016 1:3 '\\ud83d' is half of a surrogate pair"},
    {"[\"a\tb\"]", "G0016 1:4 a control character inside a string must be written as an escape"},
    {"[1, /* x ]", "G0016 1:5 this comment is not closed"},
    {"[1 /* x ]", "G0016 1:4 this comment is not closed"},
    {"[/ 1]", "G0016 1:2 expected a value, found '/'"},
};

TEST_CASE("every way to be no JSON has its message and place", "[json]") {
  for (const BadText &bad : badTexts) {
    INFO(bad.text);
    ReadText text(bad.text);
    CHECK_FALSE(text.good);
    CHECK(text.error() == bad.error);
  }
}

TEST_CASE("a zero byte ends nothing", "[json]") {
  ReadText text(std::string("[1]\0[2]", 7));
  CHECK_FALSE(text.good);
  CHECK(text.error() == "G0016 1:4 a zero byte cannot stand in JSON");
}

TEST_CASE("duplicate keys are all found, with both places", "[json]") {
  ReadText text("{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2},\n \"a\": 3}");
  CHECK_FALSE(text.good);
  REQUIRE(text.diagnostics.all().size() == 2);
  const Diagnostic &outer = text.diagnostics.all()[1];
  CHECK(outer.message == "'a' is given twice");
  REQUIRE(outer.labels.size() == 1);
  CHECK(text.sources.lineColumn(1, outer.labels[0].span.begin).line == 1);
}

TEST_CASE("a million brackets of each kind are refused at once", "[json]") {
  for (const char *unit : {"[", "{\"a\":", "[{\"\":"}) {
    std::string nested;
    for (int i = 0; i < 1000000; ++i) nested += unit;
    ReadText text(nested);
    CHECK_FALSE(text.good);
    CHECK(text.error().find("G0007 1:") == 0);
    CHECK(text.diagnostics.all().front().message == "nested deeper than 512 levels here");
    text.rendered();
  }
  std::string closed = std::string(512, '[') + std::string(512, ']');
  CHECK(ReadText(closed).good);
  CHECK_FALSE(ReadText("[" + closed + "]").good);
}

TEST_CASE("size limits", "[json]") {
  ReadText large(std::string((size_t(256) << 20) + 1, ' '));
  CHECK(large.error() == "G0009 1:1 the file is 256 MiB, the limit is 256 MiB");
  std::string many = "[0";
  for (int i = 1; i < 999999; ++i) many += ",0";
  CHECK(ReadText(many + "]").good);
  ReadText tooMany(many + ",0,0]");
  CHECK_FALSE(tooMany.good);
  CHECK(tooMany.diagnostics.all().front().code == "G0009");
}
