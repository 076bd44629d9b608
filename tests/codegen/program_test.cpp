// Two libraries of one description in one C program, linked as archives and as shared libraries; and the same bytes in
// two folders.
#include "graphc/abi.h"
#include "tests/codegen/sample_library.h"
#include <catch2/catch.hpp>
#include <cstdlib>

using namespace graphc;

static int run(const std::string &command) { return std::system(command.c_str()); }

TEST_CASE("two libraries live in one program") {
  test::TemporaryFolder folder;
  support::LibraryDescription second = test::sampleLibrary("second");
  float weights[16] = {1, 1, 1, 1, 1, 1, 1, 1};
  second.image.assign(reinterpret_cast<const char *>(weights), sizeof weights);
  second.params[0].init = GRAPHC_INIT_NONE; // the image has it
  REQUIRE(test::writeSample(test::sampleLibrary("first"), folder.path) == "");
  REQUIRE(test::writeSample(second, folder.path) == "");
  std::string in = "'" + folder.path + "'";
  std::string compile = "'" GRAPHC_TEST_CC "' -std=c99 -Wall -Wextra -Werror -pedantic -I" + in +
                        " '" GRAPHC_TEST_SOURCES "/two_libraries.c' -o " + in + "/program ";
  CHECK(run(compile + in + "/libfirst.a " + in + "/libsecond.a -lm && " + in + "/program") == 0);
  CHECK(run(compile + "-L" + in + " -lfirst -lsecond -lm -Wl,-rpath," + in + " && " + in + "/program") == 0);
}

TEST_CASE("two builds in two folders are the same bytes") {
  test::TemporaryFolder one, two;
  support::LibraryDescription library = test::sampleLibrary("sample");
  REQUIRE(test::writeSample(library, one.path) == "");
  REQUIRE(test::writeSample(library, two.path + "/deeper") == "");
  for (const char *file : {"/libsample.a", "/libsample.so", "/sample.h", "/sample.manifest.json"}) {
    std::string bytes = test::fileBytes(one.path + file);
    INFO(file);
    CHECK(!bytes.empty());
    CHECK(bytes == test::fileBytes(two.path + "/deeper" + file));
    CHECK(bytes.find(one.path) == std::string::npos);
  }
}
