// How diagnostics look: golden texts of the human, short and JSON forms, and the words of the messages' parts.
#include "tests/unit/read_text.h"
#include "llvm/Support/JSON.h"
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>

using namespace graphc::support;

namespace {
/// Diagnostics over one text.
struct Reported {
  Sources sources;
  Diagnostics diagnostics{sources};
  uint32_t file;
  explicit Reported(std::string text, std::string path = "net.json") { file = sources.add(path, std::move(text)); }
  /// The n-th place where `word` stands.
  Span span(llvm::StringRef word, int n = 0) const {
    size_t begin = sources.text(file).find(word);
    while (n-- > 0) begin = sources.text(file).find(word, begin + 1);
    REQUIRE(begin != llvm::StringRef::npos);
    return {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + word.size())};
  }
  Diagnostic make(llvm::StringRef code, Span span, llvm::StringRef message) const {
    Diagnostic d;
    d.code = code.str();
    d.span = span;
    d.message = message.str();
    return d;
  }
  std::string render(DiagnosticFormat format = DiagnosticFormat::Human, bool colour = false) const {
    std::string text;
    llvm::raw_string_ostream stream(text);
    diagnostics.render(stream, format, colour);
    return text;
  }
};
} // namespace

TEST_CASE("a message with labels, notes and help", "[diagnostics]") {
  Reported r("{\n  \"nodes\": [\n"
             "    {\"op\": \"concat\", \"in\": [\"a\", \"b\"], \"out\": \"h3\"},\n"
             "    {\"op\": \"matmul\", \"in\": [\"h3\", \"w_out\"]}\n]}\n");
  Diagnostic d =
      r.make("G3002", r.span("\"h3\"", 1), "inner dimensions differ: 'h3' has 512 columns and 'w_out' has 256 rows");
  d.label = "[32, 512]";
  d.labels.push_back({r.span("\"w_out\""), "[256, 10]"});
  d.labels.push_back({r.span("\"concat\""), "made here"});
  d.notes.push_back({r.span("\"a\""), "'h3' is [32, 512]: result of 'concat'"});
  d.notes.push_back({Span(), "'w_out' comes from the weight file"});
  d.help = "did you mean 'h2'?";
  r.diagnostics.report(d);
  CHECK(r.render() ==
        R"(net.json:4:29: error[G3002]: inner dimensions differ: 'h3' has 512 columns and 'w_out' has 256 rows
  |
4 |     {"op": "matmul", "in": ["h3", "w_out"]}
  |                             ^^^^ [32, 512]
  |                                   ------- [256, 10]
 --> net.json:3:12
  |
3 |     {"op": "concat", "in": ["a", "b"], "out": "h3"},
  |            -------- made here
note: 'h3' is [32, 512]: result of 'concat'  --> net.json:3:29
note: 'w_out' comes from the weight file
help: did you mean 'h2'?

1 error
)");
  CHECK(r.render(DiagnosticFormat::Short) ==
        "net.json:4:29: error[G3002]: inner dimensions differ: 'h3' has 512 columns and 'w_out' has 256 rows\n");
}

TEST_CASE("marks that fit share a line", "[diagnostics]") {
  Reported r("[aaaa, bbbbbbbbbbbbbbbbbbbbbb, cccc]");
  Diagnostic d = r.make("G0004", r.span("cccc"), "twice");
  d.labels.push_back({r.span("aaaa"), "first"});
  r.diagnostics.report(d);
  CHECK(r.render() == R"(net.json:1:32: error[G0004]: twice
  |
1 | [aaaa, bbbbbbbbbbbbbbbbbbbbbb, cccc]
  |  ---- first                    ^^^^

1 error
)");
}

TEST_CASE("tabs, wide characters, controls and broken bytes keep marks in place", "[diagnostics]") {
  Reported r("\t[\"中文\", \"\x1b[31m\", \"\xff\", \"\u202e\", here]\r\n");
  r.diagnostics.error("G0016", r.span("here"), "look");
  CHECK(r.render() == "net.json:1:28: error[G0016]: look\n"
                      "  |\n"
                      "1 |     [\"中文\", \"\\x1b[31m\", \"\\xff\", \"\\u{202e}\", here]\n"
                      "  |                                              ^^^^\n"
                      "\n1 error\n");
}

TEST_CASE("long lines are cut around the mark", "[diagnostics]") {
  Reported r(std::string(5000, 'a') + "here" + std::string(5000, 'b'));
  r.diagnostics.error("G0016", r.span("here"), "look");
  std::string line = "1 | ..." + std::string(40, 'a') + "here" + std::string(113, 'b') + "...";
  CHECK(r.render() ==
        "net.json:1:5001: error[G0016]: look\n  |\n" + line + "\n  | " + std::string(43, ' ') + "^^^^\n\n1 error\n");
}

TEST_CASE("a mark at the end of the text and one over several lines", "[diagnostics]") {
  Reported r("[1,\n2");
  r.diagnostics.error("G0001", {r.file, 5, 5}, "end");
  r.diagnostics.error("G0001", {r.file, 0, 5}, "all");
  CHECK(r.render() == R"(net.json:1:1: error[G0001]: all
  |
1 | [1,
  | ^^^

net.json:2:2: error[G0001]: end
  |
2 | 2
  |  ^

2 errors
)");
}

TEST_CASE("order, repeats, severity and the limit", "[diagnostics]") {
  Reported r(std::string(100, 'x'));
  for (uint32_t i = 60; i-- > 0;) r.diagnostics.error("G0016", {r.file, i, i + 1}, "no");
  r.diagnostics.error("G0016", {r.file, 3, 4}, "no"); // again
  Diagnostic warning = r.make("G5007", Span(), "weights hold 3 NaN");
  warning.severity = Severity::Warning;
  r.diagnostics.report(warning);
  CHECK(r.diagnostics.errorCount() == 60);
  std::string text = r.render(DiagnosticFormat::Short);
  CHECK(text.find("warning[G5007]: weights hold 3 NaN\nnet.json:1:1: error[G0016]: no\nnet.json:1:2: error") == 0);
  CHECK(text.find("net.json:1:49: error[G0016]: no\n... 11 more\n") != std::string::npos);
  std::string human = r.render();
  CHECK(llvm::StringRef(human).ends_with("... 11 more\n60 errors and 1 warning\n"));
}

TEST_CASE("nothing reported prints nothing", "[diagnostics]") {
  Reported r("x");
  CHECK(r.render().empty());
  CHECK(r.render(DiagnosticFormat::Json) == "[]\n");
}

TEST_CASE("colour only where asked, and none from the user's text", "[diagnostics]") {
  Reported r("[\"\x1b[2J\"]", "a\x1b[2Jb.json");
  r.diagnostics.error("G0016", {r.file, 1, 6}, "evil '\x1b]0;title\x07'", "try \x9b\n  second line");
  std::string plain = r.render();
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(plain.find("a\\x1b[2Jb.json:1:2: error[G0016]: evil '\\x1b]0;title\\x07'\n") == 0);
  CHECK(plain.find("help: try \\x9b\n        second line\n") != std::string::npos);
  std::string coloured = r.render(DiagnosticFormat::Human, true);
  CHECK(coloured.find("\x1b[1;31m") != std::string::npos);
  CHECK(coloured.find("\x1b[2J") == std::string::npos);
}

TEST_CASE("the JSON form holds everything", "[diagnostics]") {
  Reported r("[\"a\", \xff]", "n\xfft.json");
  Diagnostic d = r.make("G0016", r.span("\"a\""), "say \"a\"");
  d.labels.push_back({{r.file, 6, 7}, "there"});
  d.notes.push_back({Span(), "note"});
  d.help = "help";
  r.diagnostics.report(d);
  auto parsed = llvm::json::parse(r.render(DiagnosticFormat::Json));
  REQUIRE(static_cast<bool>(parsed));
  REQUIRE(parsed->getAsArray()->size() == 1);
  const llvm::json::Object &object = *(*parsed->getAsArray())[0].getAsObject();
  CHECK(object.getString("code") == llvm::StringRef("G0016"));
  CHECK(object.getString("severity") == llvm::StringRef("error"));
  CHECK(object.getString("message") == llvm::StringRef("say \"a\""));
  CHECK(object.getInteger("line") == 1);
  CHECK(object.getInteger("column") == 2);
  CHECK(object.getInteger("end_column") == 5);
  CHECK(object.getArray("labels")->size() == 1);
  CHECK((*object.getArray("labels"))[0].getAsObject()->getInteger("column") == 7);
  CHECK(object.getArray("notes")->size() == 1);
  CHECK(object.getString("help") == llvm::StringRef("help"));
  CHECK(object.getString("rendered")->contains("error[G0016]: say"));
}

TEST_CASE("the word that was meant", "[diagnostics]") {
  std::vector<llvm::StringRef> words = {"matmul", "mul", "softmax", "relu", "h2", "h3", "kernel_size"};
  CHECK(nearestWord("MatMull", words) == "");
  CHECK(nearestWord("matmull", words) == "matmul");
  CHECK(nearestWord("MATMUL", words) == "matmul");
  CHECK(nearestWord("kernal_size", words) == "kernel_size");
  CHECK(nearestWord("rleu", words) == "");
  CHECK(nearestWord("relv", words) == "relu");
  CHECK(nearestWord("h4", words) == "h2");
  CHECK(nearestWord("x", words) == "");
  CHECK(nearestWord("", words) == "");
  CHECK(nearestWord("relu", {}) == "");
  CHECK(nearestWord(std::string(100000, 'a'), words) == "");
  CHECK(didYouMean("sofmax", words) == ", did you mean 'softmax'?");
  CHECK(didYouMean("gelu_tanh", words) == "");
}

TEST_CASE("printable shows what a terminal would obey", "[diagnostics]") {
  CHECK(printable("plain é中") == "plain é中");
  CHECK(printable(llvm::StringRef("a\0\n\t\x7f", 5)) == "a\\x00\\x0a\\x09\\x7f");
  CHECK(printable("\xc2\x9b\xff\xe2\x80\xae") == "\\u{9b}\\xff\\u{202e}");
  CHECK(printable(printable("\x1b")) == "\\x1b");
}

TEST_CASE("codes are sorted, explained, and found in any case", "[diagnostics]") {
  llvm::ArrayRef<CodeInfo> codes = diagnosticCodes();
  REQUIRE(codes.size() > 50);
  for (size_t i = 0; i < codes.size(); ++i) {
    INFO(codes[i].code.str());
    CHECK((i == 0 || codes[i - 1].code < codes[i].code));
    CHECK(codes[i].code.size() == 5);
    CHECK(!codes[i].title.ends_with("."));
    CHECK(codes[i].explanation.size() > 60);
  }
  CHECK(findDiagnosticCode("g3002") == findDiagnosticCode("G3002"));
  CHECK(findDiagnosticCode("G3002") != nullptr);
  CHECK(findDiagnosticCode("G9999") == nullptr);
}

TEST_CASE("every code in the sources has its explanation", "[diagnostics]") {
  std::regex code("\"(G[0-9]{4})\"");
  for (const char *folder : {"compiler", "dialects", "tools"}) {
    for (const auto &entry :
         std::filesystem::recursive_directory_iterator(std::string(GRAPHC_SOURCE_DIR) + "/" + folder)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream stream(entry.path());
      std::string text((std::istreambuf_iterator<char>(stream)), {});
      for (std::sregex_iterator match(text.begin(), text.end(), code), end; match != end; ++match) {
        INFO(entry.path().filename() << " " << (*match)[1]);
        CHECK(findDiagnosticCode((*match)[1].str()) != nullptr);
      }
    }
  }
}
