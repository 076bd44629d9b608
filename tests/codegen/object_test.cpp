// The object itself: what it needs and gives, its bytes, its attributes, and the sentences for what cannot be
// generated.
#include "compiler/support/public_names.h"
#include "graphc/types.h"
#include "tests/codegen/sample_library.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include <catch2/catch.hpp>
#include <dlfcn.h>
#include <set>

using namespace graphc;
using codegen::Emit;

static codegen::Options optionsFor(int optLevel) {
  codegen::Options options;
  options.optLevel = optLevel;
  return options;
}

static support::LibraryDescription sampleAt(const char *level) {
  support::LibraryDescription library = test::sampleLibrary("sample");
  library.levels = {support::findIsaLevel(level)};
  return library;
}

static std::string objectOf(const support::LibraryDescription &library, int optLevel = 2) {
  std::string error, object = test::generateSample(library, optionsFor(optLevel), Emit::Object, error);
  CHECK(error == "");
  return object;
}

/// Names of global symbols, undefined or defined.
static std::set<std::string> globalSymbols(const std::string &bytes, bool undefined) {
  std::set<std::string> names;
  auto object = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, "object"));
  REQUIRE(bool(object));
  for (const llvm::object::SymbolRef &symbol : (*object)->symbols()) {
    uint32_t flags = llvm::cantFail(symbol.getFlags());
    bool isUndefined = flags & llvm::object::SymbolRef::SF_Undefined;
    if ((flags & llvm::object::SymbolRef::SF_Global) && isUndefined == undefined)
      names.insert(llvm::cantFail(symbol.getName()).str());
  }
  return names;
}

TEST_CASE("an object needs libc and libm and gives the library's functions alone") {
  void *libc = dlopen("libc.so.6", RTLD_NOW), *libm = dlopen("libm.so.6", RTLD_NOW);
  REQUIRE(libc);
  REQUIRE(libm);
  std::set<std::string> expected = {"sample_predict", "sample_total", "sample_load_"};
  for (llvm::StringRef function : support::runtimeFunctions()) expected.insert("sample_" + function.str());
  for (const char *level : {"x86-64-v2", "x86-64-v3", "x86-64-v4"})
    for (int optLevel : {0, 2}) {
      std::string object = objectOf(sampleAt(level), optLevel);
      CHECK(globalSymbols(object, false) == expected);
      for (const std::string &name : globalSymbols(object, true)) {
        if (name == "_GLOBAL_OFFSET_TABLE_") continue; // the linker's
        INFO(name << " at " << level << " -O" << optLevel);
        CHECK((dlsym(libc, name.c_str()) || dlsym(libm, name.c_str())));
      }
    }
}

TEST_CASE("the same input gives the same bytes, without a path in them") {
  support::LibraryDescription library = sampleAt("x86-64-v3");
  std::string first = objectOf(library);
  CHECK(first == objectOf(library));
  CHECK(first.find(GRAPHC_TEST_SOURCES) == std::string::npos);
  llvm::SmallString<64> folder;
  REQUIRE(!llvm::sys::fs::current_path(folder));
  CHECK(first.find(folder.str().str()) == std::string::npos);
  CHECK(first.find(".cpp") == std::string::npos); // nor the name of one of the runtime's sources
}

TEST_CASE("debug locations reach the object with -g alone") {
  const char *const text = R"mlir(
#file = #llvm.di_file<"net.json" in "graphs/here">
#unit = #llvm.di_compile_unit<id = distinct[0]<>, sourceLanguage = DW_LANG_C99, file = #file, producer = "graphc", isOptimized = true, emissionKind = Full, nameTableKind = None>
#type = #llvm.di_subroutine_type<>
#function = #llvm.di_subprogram<id = distinct[1]<>, compileUnit = #unit, scope = #file, name = "nothing", file = #file, line = 3, subprogramFlags = "Definition", type = #type>
module { llvm.func @nothing(%params: !llvm.ptr, %arena: !llvm.ptr, %team: !llvm.ptr) { llvm.return loc("net.json":4:7) } loc(fused<#function>["net.json":3:1]) }
)mlir";
  support::LibraryDescription library;
  library.name = "sample";
  library.entries.resize(1);
  library.entries[0].name = "nothing";
  library.entries[0].body = "nothing";
  for (bool debug : {false, true}) {
    codegen::Options options = optionsFor(0); // -O1 removes what does nothing
    options.debug = debug;
    std::string error, object = test::generateSample(library, options, Emit::Object, error, text);
    CHECK(error == "");
    CHECK((object.find("graphs/here") != std::string::npos) == debug);
    CHECK((object.find(".debug_line") != std::string::npos) == debug);
  }
}

TEST_CASE("bodies carry the level, wrappers and runtime do not") {
  std::string error;
  std::string text = test::generateSample(sampleAt("x86-64-v4"), optionsFor(0), Emit::LlvmIr, error);
  REQUIRE(error == "");
  auto attributesOf = [&](const std::string &name) {
    size_t at = text.find("define "), line = text.find('\n', at);
    while (at != std::string::npos && text.substr(at, line - at).find("@" + name + "(") == std::string::npos) {
      at = text.find("\ndefine ", line);
      line = text.find('\n', at + 1);
    }
    REQUIRE(at != std::string::npos);
    size_t hash = text.rfind('#', line), end = text.find(' ', hash);
    std::string group = "attributes " + text.substr(hash, end - hash) + " = ";
    size_t begin = text.find(group);
    REQUIRE(begin != std::string::npos);
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  CHECK(attributesOf("predict").find("\"target-cpu\"=\"x86-64-v4\"") != std::string::npos);
  CHECK(attributesOf("predict").find("\"prefer-vector-width\"=\"512\"") != std::string::npos);
  CHECK(attributesOf("sample_predict").find("x86-64-v") == std::string::npos);
  CHECK(attributesOf("sample_load").find("x86-64-v") == std::string::npos);

  std::string assembly = test::generateSample(sampleAt("x86-64-v3"), optionsFor(2), Emit::Assembly, error);
  CHECK(error == "");
  CHECK(assembly.find("ymm") != std::string::npos);
  CHECK(assembly.find("zmm") == std::string::npos);
  assembly = test::generateSample(sampleAt("x86-64-v2"), optionsFor(2), Emit::Assembly, error);
  CHECK(assembly.find("ymm") == std::string::npos);
}

TEST_CASE("what cannot be generated is a sentence") {
  auto errorOf = [](auto change) {
    support::LibraryDescription library = test::sampleLibrary("sample");
    change(library);
    std::string error;
    CHECK(test::generateSample(library, optionsFor(2), Emit::Object, error) == "");
    return error;
  };
  CHECK_THAT(errorOf([](auto &library) { library.entries[0].body = "nowhere"; }),
             Catch::Contains("'nowhere' of 'predict'"));
  CHECK_THAT(errorOf([](auto &library) { library.entries[0].args.pop_back(); }), Catch::Contains("'predict'"));
  CHECK_THAT(errorOf([](auto &library) { library.entries[0].args[0].dtype = 99; }),
             Catch::Contains("'x' of 'predict'"));
  CHECK_THAT(errorOf([](auto &library) { library.name = "graphc"; }), Catch::Contains("cannot be named 'graphc'"));
  CHECK_THAT(errorOf([](auto &library) { library.image = "too short"; }), Catch::Contains("9 bytes"));
  CHECK_THAT(errorOf([](auto &library) { library.paramsBytes = ~uint64_t(0); }), Catch::Contains("more memory"));
  CHECK_THAT(errorOf([](auto &library) { library.levels.clear(); }), Catch::Contains("ISA levels"));
  CHECK_THAT(errorOf([](auto &library) { library.levels = {&support::isaLevels()[1], &support::isaLevels()[0]}; }),
             Catch::Contains("ISA levels"));
  CHECK_THAT(errorOf([](auto &library) { library.levels = support::allIsaLevels(); }),
             Catch::Contains("'predict.v3' of 'predict'"));
}

TEST_CASE("a body may have the name of a public function") {
  support::LibraryDescription library = test::sampleLibrary("sample");
  REQUIRE(library.entries[1].body == "sample_total"); // = the entry's symbol
  CHECK(globalSymbols(objectOf(library), false).count("sample_total") == 1);
  // Every symbol of the sample, with the bodies' own names as entries of a library "predict".
  library.name = "predict";
  CHECK(globalSymbols(objectOf(library), false).count("predict_total") == 1);
}
