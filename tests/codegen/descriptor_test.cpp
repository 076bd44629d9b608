// The library as dlopen sees it: signature, the invoke functions and the exported names, read through the public C
// types.
#include "compiler/support/isa_level.h"
#include "graphc/abi.h"
#include "tests/codegen/sample_library.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <dlfcn.h>

using namespace graphc;

namespace {

struct Loaded {
  explicit Loaded(const support::LibraryDescription &library, int optLevel = 2, const char *moduleText = nullptr)
      : name(library.name) {
    error = test::writeSample(library, folder.path, optLevel, moduleText);
    handle = dlopen((folder.path + "/lib" + name + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  }
  ~Loaded() {
    if (handle) dlclose(handle);
  }
  template <typename Function> Function *get(const char *function) {
    return reinterpret_cast<Function *>(dlsym(handle, (name + "_" + function).c_str()));
  }
  test::TemporaryFolder folder;
  std::string name, error;
  void *handle = nullptr;
};

} // namespace

TEST_CASE("the signature says what the description says") {
  support::LibraryDescription library = test::sampleLibrary("sample");
  Loaded loaded(library);
  REQUIRE(loaded.error == "");
  REQUIRE(loaded.handle != nullptr);
  const graphc_signature *signature = loaded.get<const graphc_signature *()>("signature")();
  CHECK(signature->size == sizeof(graphc_signature));
  CHECK(std::string(signature->name) == "sample");
  CHECK(std::string(signature->doc) == "A sample.");
  CHECK(signature->hash == support::signatureHash(library));
  REQUIRE(signature->level_count == 1);
  CHECK(signature->levels[0] == 2);
  CHECK(signature->model_bytes == GRAPHC_MODEL_HEADER_BYTES + 64);
  CHECK(signature->context_bytes == GRAPHC_CONTEXT_HEADER_BYTES + 64);
  CHECK(loaded.get<size_t()>("model_bytes")() == signature->model_bytes);
  CHECK(loaded.get<size_t()>("context_bytes")() == signature->context_bytes);
  REQUIRE(signature->entry_count == 3);
  REQUIRE(signature->param_count == 1);
  CHECK(std::string(signature->params[0].path) == "w");
  CHECK(signature->params[0].dims[0] == 8);

  const graphc_entry_info &predict = signature->entries[0];
  CHECK(std::string(predict.name) == "predict");
  CHECK(predict.needs_model == 1);
  CHECK(predict.flops == 16);
  CHECK(predict.memory_bytes == 100);
  REQUIRE(predict.arg_count == 4);
  CHECK(predict.args[1].rank == 0);
  CHECK(predict.args[2].bytes == 0);
  CHECK(predict.args[2].dims[0] == 0);
  CHECK(std::string(predict.args[3].doc) == "the y");
  CHECK(predict.args[3].direction == GRAPHC_OUTPUT);
  CHECK(signature->entries[1].args[1].dtype == GRAPHC_U8);
}

TEST_CASE("invoke gives the same numbers at every optimization level, with and without embedded weights") {
  for (int optLevel = 0; optLevel <= 3; ++optLevel)
    for (bool embedded : {false, true}) {
      support::LibraryDescription library = test::sampleLibrary("sample");
      float weights[16] = {7, 6, 5, 4, 3, 2, 1, 0};
      if (embedded) {
        library.image.assign(reinterpret_cast<const char *>(weights), sizeof weights);
        library.params[0].init = GRAPHC_INIT_NONE; // the image has it
      }
      Loaded loaded(library, optLevel);
      REQUIRE(loaded.error == "");
      REQUIRE(loaded.handle != nullptr);
      using Create = graphc_status(const graphc_options *, void **);
      void *model = nullptr, *context = nullptr;
      REQUIRE(loaded.get<Create>("model_create")(nullptr, &model) == GRAPHC_OK);
      REQUIRE(loaded.get<Create>("context_create")(nullptr, &context) == GRAPHC_OK);
      CHECK(loaded.get<size_t()>("model_bytes")() == GRAPHC_MODEL_HEADER_BYTES + (embedded ? 0 : 64u));

      const graphc_entry_info &predict = loaded.get<const graphc_signature *()>("signature")()->entries[0];
      float x[8] = {0, 1, 2, 3, 4, 5, 6, 7}, scale = 2, y[8] = {};
      void *args[] = {x, &scale, nullptr, y};
      uint64_t bytes[] = {sizeof x, sizeof scale, 0, sizeof y};
      CHECK(predict.invoke(context, model, nullptr, args, bytes) == GRAPHC_OK);
      for (int i = 0; i < 8; ++i) CHECK(y[i] == 2 * x[i] + (embedded ? weights[i] : 0.5f));
      bytes[3] = 28;
      CHECK(predict.invoke(context, model, nullptr, args, bytes) == GRAPHC_ERR_SIZE);
      loaded.get<void(void *)>("model_destroy")(model);
      loaded.get<void(void *)>("context_destroy")(context);
    }
}

/// total() at level v2 gives x[0] + k + i; the code for v3 stands in its place here with an answer of its own.
static const char *const twoLevels = R"mlir(
module {
  llvm.func @total(%x: !llvm.ptr, %t: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr, %team: !llvm.ptr) {
    %v = llvm.load %x : !llvm.ptr -> f32
    llvm.store %v, %t : f32, !llvm.ptr
    llvm.return
  }
  llvm.func @total.v3(%x: !llvm.ptr, %t: !llvm.ptr, %params: !llvm.ptr, %arena: !llvm.ptr, %team: !llvm.ptr) attributes {passthrough = [["target-cpu", "x86-64-v3"]]} {
    %v = llvm.load %x : !llvm.ptr -> f32
    %w = llvm.fneg %v : f32
    llvm.store %w, %t : f32, !llvm.ptr
    llvm.return
  }
}
)mlir";

TEST_CASE("a context calls the body of the level that its options ask for") {
  for (int optLevel : {0, 2}) {
    support::LibraryDescription library = test::sampleLibrary("sample");
    library.levels = {support::findIsaLevel("x86-64-v2"), support::findIsaLevel("x86-64-v3")};
    library.params.clear();
    library.paramsBytes = 0;
    support::EntryDescription total = library.entries[1];
    total.body = "total";
    total.needsModel = false;
    total.args = {total.args[0], total.args[3]};
    library.entries = {total};
    Loaded loaded(library, optLevel, twoLevels);
    REQUIRE(loaded.error == "");
    REQUIRE(loaded.handle != nullptr);
    const graphc_signature *signature = loaded.get<const graphc_signature *()>("signature")();
    REQUIRE(signature->level_count == 2);
    CHECK((signature->levels[0] == 2 && signature->levels[1] == 3));
    using Create = graphc_status(const graphc_options *, void **);
    for (uint32_t level = 2; level <= uint32_t(std::min(support::nativeIsaLevel().number, 3)); ++level) {
      graphc_options options = {sizeof(options), level, 0, 0, nullptr, nullptr};
      void *context = nullptr;
      REQUIRE(loaded.get<Create>("context_create")(&options, &context) == GRAPHC_OK);
      CHECK(loaded.get<uint32_t(const void *)>("context_level")(context) == level);
      float x[8] = {3}, t = 0;
      void *args[] = {x, &t};
      uint64_t bytes[] = {sizeof x, sizeof t};
      CHECK(signature->entries[0].invoke(context, nullptr, nullptr, args, bytes) == GRAPHC_OK);
      CHECK(t == (level == 2 ? 3.0f : -3.0f));
      loaded.get<void(void *)>("context_destroy")(context);
    }
  }
}

TEST_CASE("a library without entries, params and documents is whole") {
  support::LibraryDescription library;
  library.name = "empty";
  Loaded loaded(library);
  REQUIRE(loaded.error == "");
  REQUIRE(loaded.handle != nullptr);
  const graphc_signature *signature = loaded.get<const graphc_signature *()>("signature")();
  CHECK(signature->entry_count == 0);
  CHECK(signature->param_count == 0);
  CHECK(std::string(signature->doc).empty());
}
