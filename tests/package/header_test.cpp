// The header compiles as C99 and C++17 without a warning, whatever names and texts the graph has, and states exact
// sizes.
#include "compiler/support/public_names.h"
#include "graphc/abi.h"
#include "tests/codegen/sample_library.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

using namespace graphc;
using support::ArgumentDescription, support::EntryDescription;

/// Compiles every header of the list into one program with every compiler there is.
static void checkCompiles(const std::vector<std::pair<std::string, std::string>> &headers) {
  test::TemporaryFolder folder;
  std::string includes;
  auto write = [&](const std::string &name, const std::string &text) {
    std::error_code code;
    llvm::raw_fd_ostream out(folder.path + "/" + name, code);
    REQUIRE(!code);
    out << text;
  };
  for (const auto &[name, text] : headers) {
    write(name + ".h", text);
    includes += "#include \"" + name + ".h\"\n";
  }
  write("use.c", includes + includes + "int main(void) { return 0; }\n");
  write("use.cpp", includes + includes + "int main() { return 0; }\n");
  for (auto [compiler, arguments] : {std::pair<std::string, std::string>{GRAPHC_TEST_CC, "-std=c99 use.c"},
                                     {GRAPHC_TEST_CC, "-std=gnu11 use.c"},
                                     {GRAPHC_TEST_CXX, "-std=c++17 use.cpp"},
                                     {GRAPHC_TEST_GCC, "-std=c99 use.c"},
                                     {GRAPHC_TEST_GCC, "-std=gnu99 use.c"},
                                     {GRAPHC_TEST_GXX, "-std=c++17 use.cpp"}}) {
    if (compiler.empty()) continue;
    std::string command =
        "cd '" + folder.path + "' && '" + compiler + "' -Wall -Wextra -Werror -pedantic -fsyntax-only " + arguments;
    INFO(command);
    CHECK(std::system(command.c_str()) == 0);
  }
}

static ArgumentDescription argument(std::string name, bool output, std::vector<int64_t> dims = {2}) {
  ArgumentDescription arg;
  arg.name = std::move(name);
  arg.output = output;
  arg.dims = std::move(dims);
  arg.bytes = arg.dims.empty() ? 4 : 8;
  return arg;
}

static size_t count(llvm::StringRef text, llvm::StringRef part) { return text.count(part); }

TEST_CASE("a header states names, types and exact bytes") {
  std::string text = package::headerText(test::sampleLibrary("sample"));
  CHECK_THAT(text,
             Catch::Contains("#define SAMPLE_MODEL_BYTES " + std::to_string(GRAPHC_MODEL_HEADER_BYTES + 64) + "\n"));
  CHECK_THAT(
      text, Catch::Contains("#define SAMPLE_CONTEXT_BYTES " + std::to_string(GRAPHC_CONTEXT_HEADER_BYTES + 64) + "\n"));
  CHECK_THAT(text, Catch::Contains("#define SAMPLE_PREDICT_X_BYTES 32\n"));
  CHECK_THAT(text, Catch::Contains("#define SAMPLE_PREDICT_NONE_BYTES 0\n"));
  CHECK_THAT(text, Catch::Contains("#define SAMPLE_PARAM_COUNT 1\n"));
  CHECK_THAT(text, Catch::Contains("   w f32[8]: the w\n"));
  CHECK_THAT(
      text,
      Catch::Contains(
          "graphc_status sample_predict(sample_context *, const sample_model *,\n    const float *x, size_t "
          "x_bytes,\n    float scale,\n    const float *none, size_t none_bytes,\n    float *y, size_t y_bytes);"));
  CHECK_THAT(text, Catch::Contains("uint8_t k,\n    int16_t i,\n    float *t);"));
  CHECK_THAT(text, Catch::Contains("graphc_status sample_load_("));
  CHECK(count(text, "#include") == 2);
  checkCompiles({{"sample", text}});
}

TEST_CASE("a library without params shows no model") {
  support::LibraryDescription library = test::sampleLibrary("pure");
  library.params.clear();
  library.paramsBytes = 0;
  for (EntryDescription &entry : library.entries) entry.needsModel = false;
  std::string text = package::headerText(library);
  CHECK_THAT(text, !Catch::Contains("pure_model"));
  CHECK_THAT(text, Catch::Contains("graphc_status pure_predict(pure_context *,\n    const float *x,"));
  CHECK_THAT(text, Catch::Contains("#define PURE_PARAM_COUNT 0\n"));
  support::LibraryDescription nothing;
  nothing.name = "nothing";
  checkCompiles({{"pure", text},
                 {"sample", package::headerText(test::sampleLibrary("sample"))},
                 {"nothing", package::headerText(nothing)}});
}

TEST_CASE("every element type has a C type") {
  support::LibraryDescription library;
  library.name = "types";
  EntryDescription entry;
  entry.name = "all";
  for (uint32_t dtype = 0; dtype <= GRAPHC_BOOL; ++dtype)
    for (bool scalar : {false, true})
      for (bool output : {false, true}) {
        ArgumentDescription arg = argument("a" + std::to_string(entry.args.size()), output,
                                           scalar ? std::vector<int64_t>{} : std::vector<int64_t>{2});
        arg.dtype = dtype;
        entry.args.push_back(arg);
      }
  library.entries = {entry};
  std::string text = package::headerText(library);
  CHECK_THAT(text,
             Catch::Contains(
                 "const float *a0, size_t a0_bytes,\n    float *a1, size_t a1_bytes,\n    float a2,\n    float *a3,"));
  checkCompiles({{"types", text}});
}

TEST_CASE("hostile names and texts compile everywhere") {
  const std::vector<std::string> names = {"int",
                                          "float",
                                          "class",
                                          "class_",
                                          "class__",
                                          "new",
                                          "register",
                                          "restrict",
                                          "and",
                                          "not_eq",
                                          "bool",
                                          "true",
                                          "nullptr",
                                          "this",
                                          "template",
                                          "operator",
                                          "co_await",
                                          "alignas",
                                          "typeof",
                                          "asm",
                                          "inline",
                                          "signed",
                                          "void",
                                          "char8_t",
                                          "wchar_t",
                                          "size_t",
                                          "int32_t",
                                          "uint64_t",
                                          "ptrdiff_t",
                                          "graphc_status",
                                          "linux",
                                          "unix",
                                          "i386",
                                          "errno",
                                          "NULL",
                                          "EOF",
                                          "I",
                                          "stdin",
                                          "assert",
                                          "complex",
                                          "_Bool",
                                          "_Complex",
                                          "__attribute__",
                                          "__func__",
                                          "__linux__",
                                          "__FILE__",
                                          "_",
                                          "__",
                                          "_x",
                                          "_X",
                                          "x",
                                          "x_bytes",
                                          "x_bytes_bytes",
                                          "X",
                                          "main",
                                          "malloc",
                                          "model",
                                          "context",
                                          "graphc_context",
                                          "hostile_model",
                                          "memory",
                                          "bytes",
                                          "o_O",
                                          "l1I",
                                          "requires",
                                          "concept",
                                          "export",
                                          "final",
                                          "override",
                                          "import",
                                          "module",
                                          "static_assert",
                                          "thread_local",
                                          "noexcept",
                                          "constexpr",
                                          "decltype",
                                          "NAN"};
  const std::vector<std::string> docs = {"ends */ int x; /*",
                                         "// line \\\n next",
                                         "?\?/\n?\?'",
                                         "\x1b[31m red",
                                         "\u202e right to left \u2066",
                                         "\"quotes\" 'n' %n %s",
                                         "<script>alert(1)</script>",
                                         "\xff\xfe broken",
                                         "back\\",
                                         "*",
                                         "/",
                                         "#error no\n#error no"};
  support::LibraryDescription library;
  library.name = "hostile";
  library.doc = llvm::join(docs, "\n");
  EntryDescription all;
  all.name = "all";
  for (size_t i = 0; i < names.size(); ++i) {
    all.args.push_back(argument(names[i], i % 2, i % 3 ? std::vector<int64_t>{2} : std::vector<int64_t>{}));
    all.args.back().doc = docs[i % docs.size()];
  }
  all.args.push_back(argument(std::string(10000, 'a'), true));
  library.entries.push_back(all);
  std::vector<std::string> entries = names;
  for (llvm::StringRef function : support::runtimeFunctions()) entries.push_back(function.str());
  entries.push_back("load_");
  for (size_t i = 0; i < entries.size(); ++i) {
    EntryDescription entry;
    entry.name = entries[i];
    entry.doc = docs[i % docs.size()];
    entry.needsModel = true;
    entry.args = {argument("y", true), argument("Y", true)}; // one macro name for two
    library.entries.push_back(entry);
  }
  support::ParamDescription param;
  param.name = "a*/b";
  param.doc = docs[0];
  library.params = {param};
  checkCompiles({{"hostile", package::headerText(library)}});

  std::vector<std::string> symbols = support::entrySymbols(library);
  std::set<std::string> unique(symbols.begin(), symbols.end());
  CHECK(unique.size() == library.entries.size());
  for (llvm::StringRef function : support::runtimeFunctions()) CHECK(unique.count("hostile_" + function.str()) == 0);
}

TEST_CASE("a library may be named like a keyword") {
  support::LibraryDescription library = test::sampleLibrary("int");
  checkCompiles({{"int", package::headerText(library)}});
  library.name = "and"; // and_eq
  library.entries[0].name = "eq";
  CHECK(support::entrySymbols(library)[0] == "and_eq_");
  checkCompiles({{"and", package::headerText(library)}});
}

TEST_CASE("names that are free keep their spelling") {
  CHECK(support::freeIdentifiers({"load", "load_", "x"}, {"load"}) == std::vector<std::string>{"load__", "load_", "x"});
  CHECK(support::freeIdentifiers({"x", "x", "class", "class_"}) ==
        std::vector<std::string>{"x", "x_", "class__", "class_"});
}

TEST_CASE("the signature hash sees names, types and order, and nothing else") {
  support::LibraryDescription library = test::sampleLibrary("sample");
  uint64_t hash = support::signatureHash(library);
  auto changed = [&](auto change) {
    support::LibraryDescription other = library;
    change(other);
    return support::signatureHash(other) != hash;
  };
  CHECK(!changed([](auto &other) { other.doc = "another"; }));
  CHECK(!changed([](auto &other) { other.entries[0].args[0].doc = "another"; }));
  CHECK(!changed([](auto &other) { other.image.assign(64, 'x'); }));
  CHECK(changed([](auto &other) { other.name = "other"; }));
  CHECK(changed([](auto &other) { other.entries[0].args[0].name = "z"; }));
  CHECK(changed([](auto &other) { other.entries[0].args[0].dims = {4, 2}; }));
  CHECK(changed([](auto &other) { other.entries[0].args[0].dtype = GRAPHC_I32; }));
  CHECK(changed([](auto &other) { std::swap(other.entries[0], other.entries[1]); }));
  CHECK(changed([](auto &other) { other.params[0].dims = {2, 4}; }));
}
