// Named dims, statuses of bodies and state, from the description to a C and a C++ program; and descriptions that
// codegen refuses.
#include "tests/codegen/dims_library.h"
#include "llvm/Support/JSON.h"
#include <catch2/catch.hpp>
#include <cstdlib>

using namespace graphc;

TEST_CASE("a program calls entries with dims, small contexts and state") {
  for (bool embedded : {false, true}) {
    test::TemporaryFolder folder;
    support::LibraryDescription library = test::dimsLibrary("moving");
    if (embedded) library.image.assign(64, '\0');
    REQUIRE(test::writeDimsLibrary(library, folder.path) == "");
    std::string in = "'" + folder.path + "'", source = " '" GRAPHC_TEST_SOURCES "/dims_program.c' ";
    std::string rest = "-Wall -Wextra -Werror -pedantic -I" + in + source;
    std::string link = "-x none " + in + "/libmoving.a -lm -o " + in + "/program && " + in + "/program";
    CHECK(std::system(("'" GRAPHC_TEST_CC "' -std=c99 " + rest + link).c_str()) == 0);
    CHECK(std::system(("'" GRAPHC_TEST_CXX "' -std=c++17 -x c++ " + rest + link).c_str()) == 0);
  }
}

TEST_CASE("header and manifest say what the dims are") {
  test::TemporaryFolder folder;
  REQUIRE(test::writeDimsLibrary(test::dimsLibrary("moving"), folder.path) == "");
  std::string header = test::fileBytes(folder.path + "/moving.h");
  for (const char *line :
       {"#define MOVING_B_MIN INT64_C(1)\n#define MOVING_B_MAX INT64_C(512)\n", "/* B: how many rows */\n",
        "#define MOVING_CONTEXT_BYTES_MAX 33280\n", "size_t moving_context_bytes(int64_t B, int64_t T);\n",
        "     x f32[B,T] in\n", "     requires T <= B + 8, else GRAPHC_ERR_SHAPE\n",
        "graphc_status moving_scale(moving_context *, const moving_model *,\n    int64_t B,\n    int64_t T,\n    const "
        "float *x, size_t x_bytes,\n    double k,\n    float *y, size_t y_bytes,\n    int64_t *n);",
        "graphc_status moving_step(moving_context *, moving_model *,\n    int64_t T,\n    uint16_t half,\n    uint8_t "
        "flag,\n    int64_t *total);",
        "#define MOVING_SCALE_K_BYTES 8\n"})
    CHECK_THAT(header, Catch::Contains(line));
  CHECK_THAT(header, !Catch::Contains("SCALE_X_BYTES") && !Catch::Contains("MULTIPLE_OF"));
  llvm::Expected<llvm::json::Value> manifest =
      llvm::json::parse(test::fileBytes(folder.path + "/moving.manifest.json"));
  REQUIRE(bool(manifest));
  const llvm::json::Object &entry = *(*manifest->getAsObject()->getArray("entries"))[0].getAsObject();
  CHECK((*entry.getArray("dims"))[0].getAsObject()->getInteger("max") == 512);
  CHECK((*entry.getArray("requires"))[0].getAsString() == llvm::StringRef("T <= B + 8"));
}

TEST_CASE("calls at sizes that have a body of their own take it") {
  test::TemporaryFolder folder;
  REQUIRE(test::writeDimsLibrary(test::specializedLibrary("moving"), folder.path) == "");
  std::string in = "'" + folder.path + "'", source = " '" GRAPHC_TEST_SOURCES "/specialized_program.c' ";
  std::string rest = "-Wall -Wextra -Werror -pedantic -I" + in + source;
  std::string link = "-x none " + in + "/libmoving.a -lm -o " + in + "/program && " + in + "/program";
  CHECK(std::system(("'" GRAPHC_TEST_CC "' -std=c99 " + rest + link).c_str()) == 0);
  CHECK_THAT(test::fileBytes(folder.path + "/moving.manifest.json"), Catch::Contains("\"specialized\""));
  CHECK(support::signatureHash(test::specializedLibrary("moving")) ==
        support::signatureHash(test::dimsLibrary("moving")));
}

TEST_CASE("descriptions that no library can have are refused with a sentence") {
  auto errorOf = [](auto spoil) {
    support::LibraryDescription library = test::specializedLibrary("moving");
    spoil(library.entries[0]);
    codegen::Options options;
    std::string error;
    test::generateSample(library, options, codegen::Emit::LlvmIr, error, test::dimsBodies);
    return error;
  };
  using Entry = support::EntryDescription;
  const std::string none = "the dims or sizes of 'scale' are none that a library can have";
  CHECK(errorOf([](Entry &) {}) == "");
  CHECK(errorOf([](Entry &entry) { entry.dims[0].multipleOf = 0; }) == none);
  CHECK(errorOf([](Entry &entry) { entry.dims[0].min = 513; }) == none);
  CHECK(errorOf([](Entry &entry) { entry.dims[0].min = -1; }) == none);
  CHECK(errorOf([](Entry &entry) { entry.args[0].sizes[0] = support::SizeExpression::dim(2); }) == none);
  CHECK(errorOf([](Entry &entry) { entry.args[0].sizes.clear(); }) == none);
  CHECK(errorOf([](Entry &entry) { entry.requirements[0].relation = 99; }) == none);
  CHECK(errorOf([](Entry &entry) { entry.variants[0].values.pop_back(); }) == none);
  CHECK(errorOf([](Entry &entry) { entry.variants[1].dims = {2}; }) == none);
  CHECK_THAT(errorOf([](Entry &entry) { entry.variants[1].dims.clear(); }), Catch::Contains("'scale.b5' of 'scale'"));
  CHECK_THAT(errorOf([](Entry &entry) { entry.variants[0].mayFail = false; }), Catch::Contains("has another type"));
  CHECK_THAT(errorOf([](Entry &entry) { entry.variants[1].arenaFunction = "step"; }),
             Catch::Contains("'step' of 'scale'"));
  CHECK_THAT(errorOf([](Entry &entry) { entry.mayFail = false; }), Catch::Contains("has another type"));
  CHECK_THAT(errorOf([](Entry &entry) {
               entry.variants.clear(), entry.dims.pop_back(), entry.args.resize(0), entry.requirements.clear(),
                   entry.flopsSize.reset();
             }),
             Catch::Contains("has another type"));
  CHECK_THAT(errorOf([](Entry &entry) { entry.arenaFunction = "step"; }), Catch::Contains("'step' of 'scale'"));
}

TEST_CASE("the signature hash sees dims, sizes and state") {
  uint64_t hash = support::signatureHash(test::dimsLibrary("moving"));
  auto changed = [&](auto change) {
    support::LibraryDescription other = test::dimsLibrary("moving");
    change(other.entries[0]);
    return support::signatureHash(other) != hash;
  };
  using Entry = support::EntryDescription;
  CHECK(changed([](Entry &entry) { entry.dims[0].max = 511; }));
  CHECK(changed([](Entry &entry) { entry.dims[0].name = "C"; }));
  CHECK(changed([](Entry &entry) { std::swap(entry.args[0].sizes[0], entry.args[0].sizes[1]); }));
  CHECK(changed([](Entry &entry) { entry.writesModel = true; }));
  CHECK(!changed([](Entry &entry) { entry.dims[0].doc = "other"; }));
}
