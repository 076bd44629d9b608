// The folder: four files or none, a manifest that parses and agrees with them, and sentences when the folder cannot be
// written.
#include "compiler/support/public_names.h"
#include "tests/codegen/sample_library.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

using namespace graphc;

static std::vector<std::string> filesIn(const std::string &folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
    names.push_back(llvm::sys::path::filename(it->path()).str());
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("a library is four files, and the manifest lists them") {
  test::TemporaryFolder folder;
  support::LibraryDescription library = test::sampleLibrary("sample");
  REQUIRE(test::writeSample(library, folder.path) == "");
  CHECK(filesIn(folder.path) ==
        std::vector<std::string>{"libsample.a", "libsample.so", "sample.h", "sample.manifest.json"});
  llvm::Expected<llvm::json::Value> manifest =
      llvm::json::parse(test::fileBytes(folder.path + "/sample.manifest.json"));
  REQUIRE(bool(manifest));
  const llvm::json::Object &object = *manifest->getAsObject();
  CHECK(object.getString("name") == llvm::StringRef("sample"));
  CHECK(object.getInteger("model_bytes") == int64_t(support::modelBytes(library)));
  CHECK(object.getArray("entries")->size() == 3);
  CHECK((*object.getArray("entries"))[2].getAsObject()->getString("symbol") == llvm::StringRef("sample_load_"));
  CHECK(object.getArray("files")->size() == 3);
  for (const llvm::json::Value &file : *object.getArray("files")) {
    std::string name = file.getAsObject()->getString("name")->str();
    INFO(name);
    CHECK(file.getAsObject()->getInteger("bytes") == int64_t(test::fileBytes(folder.path + "/" + name).size()));
  }
}

TEST_CASE("the manifest holds texts of any kind") {
  test::TemporaryFolder folder;
  support::LibraryDescription library = test::sampleLibrary("sample");
  library.doc = "quote \" backslash \\ control \x01 broken \xff";
  REQUIRE(test::writeSample(library, folder.path) == "");
  llvm::Expected<llvm::json::Value> manifest =
      llvm::json::parse(test::fileBytes(folder.path + "/sample.manifest.json"));
  REQUIRE(bool(manifest));
  CHECK(manifest->getAsObject()->getString("doc")->starts_with("quote \" backslash \\ control \x01 broken "));
}

TEST_CASE("a second build replaces the first") {
  test::TemporaryFolder folder;
  support::LibraryDescription library = test::sampleLibrary("sample");
  REQUIRE(test::writeSample(library, folder.path) == "");
  std::string before = test::fileBytes(folder.path + "/sample.h");
  library.entries[0].doc = "changed";
  REQUIRE(test::writeSample(library, folder.path) == "");
  CHECK(before != test::fileBytes(folder.path + "/sample.h"));
  CHECK(filesIn(folder.path).size() == 4);
}

TEST_CASE("a folder that cannot be written is an error and stays as it was") {
  test::TemporaryFolder folder;
  CHECK_THAT(test::writeSample(test::sampleLibrary("sample"), "/proc/nothing/lib"), Catch::Contains("/proc/nothing"));
  if (geteuid() != 0) { // root writes everywhere
    REQUIRE(!llvm::sys::fs::setPermissions(folder.path, llvm::sys::fs::owner_read | llvm::sys::fs::owner_exe));
    CHECK_THAT(test::writeSample(test::sampleLibrary("sample"), folder.path), Catch::Contains("Permission denied"));
    llvm::sys::fs::setPermissions(folder.path, llvm::sys::fs::owner_all);
    CHECK(filesIn(folder.path).empty());
  }
}

TEST_CASE("an object that needs a foreign function is refused, and nothing is left") {
  test::TemporaryFolder folder;
  const char *const text = R"mlir(module {
    llvm.func @a_foreign_function()
    llvm.func @call(%params: !llvm.ptr, %arena: !llvm.ptr, %team: !llvm.ptr) { llvm.call @a_foreign_function() : () -> () llvm.return }
  })mlir";
  support::LibraryDescription library;
  library.name = "sample";
  library.entries.resize(1);
  library.entries[0].name = "go";
  library.entries[0].body = "call";
  codegen::Options options;
  std::string error, object = test::generateSample(library, options, codegen::Emit::Object, error, text);
  REQUIRE(error == "");
  std::string lib = folder.path + "/lib";
  CHECK(!package::writeLibrary({object}, library, lib, error));
  CHECK_THAT(error, Catch::Contains("libsample.so") && Catch::Contains("a_foreign_function"));
  CHECK(!llvm::sys::fs::exists(lib));
  // and the linker still works afterwards
  CHECK(test::writeSample(test::sampleLibrary("sample"), lib) == "");
  CHECK(!package::writeLibrary({"no object"}, library, lib, error));
  CHECK(filesIn(lib).size() == 4);
}

TEST_CASE("a full disk is an error and leaves nothing") {
  test::TemporaryFolder folder;
  std::string lib = folder.path + "/lib";
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  auto *old = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 4096;
  setrlimit(RLIMIT_FSIZE, &small);
  std::string error = test::writeSample(test::sampleLibrary("sample"), lib);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  CHECK_THAT(error, Catch::Contains("File too large"));
  CHECK(!llvm::sys::fs::exists(lib));
}
