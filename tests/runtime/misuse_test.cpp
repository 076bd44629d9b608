// What a caller can do wrong through the C ABI: each case gets its status, a message that names the argument, and
// leaves the caller's memory as it was.
#include "fake_library.h"
#include <catch2/catch.hpp>

using namespace fake;
using Catch::Contains;

namespace {

/// Correct arguments of predict, for a case to spoil. y is watched: a refused call must not write it.
struct PredictCall {
  Session session;
  alignas(64) float x[8] = {1, 2, 3, 4, 5, 6, 0, 0};
  alignas(64) float y[64];
  float t = 1;
  void *args[4] = {x, &t, y, nullptr};
  uint64_t bytes[4] = {24, 4, 144, 0};
  void *model = session.model, *context = session.context;
  uint32_t entry = Predict;

  PredictCall() {
    for (float &value : y) value = -77;
  }
  graphc_status call() { return graphc_abi_call(entry, context, model, nullptr, args, bytes); }
  void refused(graphc_status status, const char *message) {
    CHECK(call() == status);
    CHECK_THAT(session.contextMessage(), Contains(message));
    for (float value : y) REQUIRE(value == -77);
  }
};

} // namespace

TEST_CASE("misuse: sizes that differ from the tensor's") {
  for (uint64_t wrong : {uint64_t(0), uint64_t(23), uint64_t(25), uint64_t(48), UINT64_MAX}) {
    PredictCall c;
    c.bytes[0] = wrong;
    c.refused(GRAPHC_ERR_SIZE, "'x' is f32[2,3] and needs 24 bytes, but ");
    CHECK_THAT(c.session.contextMessage(), Contains(std::to_string(wrong) + " were given"));
  }
  for (uint64_t wrong : {0, 143, 145, 36}) {
    PredictCall c;
    c.bytes[2] = wrong;
    c.refused(GRAPHC_ERR_SIZE, "'y' is f32[2,18] and needs 144 bytes");
  }
  for (uint64_t wrong : {0, 3, 8}) {
    PredictCall c;
    c.bytes[1] = wrong;
    c.refused(GRAPHC_ERR_SIZE, "'t' is f32[] and needs 4 bytes");
  }
  PredictCall c;
  c.bytes[3] = 4;
  c.refused(GRAPHC_ERR_SIZE, "'z' is f32[0] and needs 0 bytes");
}

TEST_CASE("misuse: null pointers") {
  for (int i : {0, 1, 2}) {
    PredictCall c;
    c.args[i] = nullptr;
    c.refused(GRAPHC_ERR_NULL, i == 0 ? "'x' is null" : i == 1 ? "'t' is null" : "'y' is null");
  }
  PredictCall c;
  c.model = nullptr;
  c.refused(GRAPHC_ERR_NULL, "the model is null");
  c.model = c.session.model;
  CHECK(graphc_abi_call(Predict, c.context, c.model, nullptr, nullptr, c.bytes) == GRAPHC_ERR_NULL);
  CHECK_THAT(c.session.contextMessage(), Contains("list of arguments is null"));
  CHECK(graphc_abi_call(Predict, c.context, c.model, nullptr, c.args, nullptr) == GRAPHC_ERR_NULL);
  c.context = nullptr;
  CHECK(c.call() == GRAPHC_ERR_NULL);
}

TEST_CASE("misuse: alignment") {
  for (int i : {0, 1, 2})
    for (int shift : {1, 2, 3}) {
      PredictCall c;
      c.args[i] = static_cast<char *>(c.args[i]) + shift;
      c.refused(GRAPHC_ERR_ALIGN, "is not aligned to 4 bytes");
    }
  PredictCall c; // element alignment is all that is asked for
  c.args[0] = c.x + 1;
  CHECK(c.call() == GRAPHC_OK);
  alignas(8) char a[48] = {}, out[48];
  void *args[] = {a + 4, out};
  const uint64_t bytes[] = {32, 32};
  CHECK(graphc_abi_call(Pure, c.context, nullptr, nullptr, args, bytes) == GRAPHC_ERR_ALIGN);
  CHECK_THAT(c.session.contextMessage(), Contains("'a' is not aligned to 8 bytes"));
}

TEST_CASE("misuse: aliasing") {
  struct Case {
    int input, output; // in floats from the start of y
    const char *message;
  };
  // x has 6 floats, y 36
  for (Case k : {Case{0, 0, "'x'"}, Case{5, 10, "'x'"}, Case{45, 10, "'x'"}, Case{20, 10, "'x'"}}) {
    PredictCall c;
    c.args[0] = c.y + k.input;
    c.args[2] = c.y + k.output;
    c.refused(GRAPHC_ERR_ALIAS, "'y' is an output and overlaps 'x'");
  }
  PredictCall c;
  c.args[1] = c.y + 3;
  c.refused(GRAPHC_ERR_ALIAS, "'y' is an output and overlaps 't'");
  c.args[1] = c.x + 2; // inputs may overlap each other
  CHECK(c.call() == GRAPHC_OK);
  PredictCall touching; // side by side is no overlap
  touching.args[0] = touching.y;
  touching.args[2] = touching.y + 6;
  CHECK(touching.call() == GRAPHC_OK);
}

TEST_CASE("misuse: arguments inside the library's own memory") {
  PredictCall c;
  char *context = static_cast<char *>(c.context), *model = static_cast<char *>(c.model);
  c.args[2] = context + GRAPHC_CONTEXT_HEADER_BYTES;
  c.refused(GRAPHC_ERR_ALIAS, "'y' lies inside the memory of the context");
  c.args[2] = c.y;
  c.args[0] = context + graphc_abi_context_bytes() - 4;
  c.refused(GRAPHC_ERR_ALIAS, "'x' lies inside the memory of the context");
  c.args[0] = c.x;
  c.args[2] = model + GRAPHC_MODEL_HEADER_BYTES;
  c.refused(GRAPHC_ERR_ALIAS, "'y' lies inside the memory of the model");
  c.args[2] = c.y;
  c.args[0] = model + GRAPHC_MODEL_HEADER_BYTES; // reading params as input does no harm
  CHECK(c.call() == GRAPHC_OK);
}

TEST_CASE("misuse: pointers that are no model or context of this library") {
  Memory zeros(2048, 0), ones(2048, 0xff);
  PredictCall c;
  for (unsigned char *memory : {zeros.data, ones.data}) {
    c.model = memory;
    c.refused(GRAPHC_ERR_VERSION, "no model that this library made");
    c.model = memory + 4;
    c.refused(GRAPHC_ERR_ALIGN, "no model that this library made");
    c.model = c.session.model;
    for (int shift : {0, 4, 64}) {
      c.context = memory + shift;
      CHECK(c.call() == (shift == 4 ? GRAPHC_ERR_ALIGN : GRAPHC_ERR_VERSION));
    }
    c.context = c.session.context;
    CHECK(graphc_abi_load(memory, "x") == GRAPHC_ERR_VERSION);
    CHECK(graphc_abi_save(memory, "x") == GRAPHC_ERR_VERSION);
    CHECK(std::string(graphc_abi_model_message(memory)).empty());
    CHECK(std::string(graphc_abi_context_message(memory)).empty());
    graphc_abi_model_destroy(memory); // must not free
    graphc_abi_context_destroy(memory);
  }
  c.model = c.session.context; // exchanged
  c.refused(GRAPHC_ERR_VERSION, "no model that this library made");
  c.model = c.session.model;
  CHECK(graphc_abi_call(Predict, c.session.model, c.model, nullptr, c.args, c.bytes) == GRAPHC_ERR_VERSION);
  uint64_t *owner = static_cast<uint64_t *>(c.model) + 1; // another library's model
  *owner ^= 64;
  c.refused(GRAPHC_ERR_VERSION, "no model that this library made");
  *owner ^= 64;
  CHECK(c.call() == GRAPHC_OK);
}

TEST_CASE("misuse: destroyed objects in the caller's memory") {
  Memory modelMemory(graphc_abi_model_bytes()), contextMemory(graphc_abi_context_bytes());
  PredictCall c;
  REQUIRE(graphc_abi_model_init(modelMemory.data, graphc_abi_model_bytes(), nullptr, &c.model) == GRAPHC_OK);
  REQUIRE(graphc_abi_context_init(contextMemory.data, graphc_abi_context_bytes(), nullptr, &c.context) == GRAPHC_OK);
  graphc_abi_model_destroy(c.model);
  CHECK(c.call() == GRAPHC_ERR_VERSION);
  CHECK(graphc_abi_load(c.model, "x") == GRAPHC_ERR_VERSION);
  graphc_abi_context_destroy(c.context);
  CHECK(c.call() == GRAPHC_ERR_VERSION);
  graphc_abi_model_destroy(c.model);
  graphc_abi_context_destroy(c.context);
  graphc_abi_model_destroy(nullptr);
  graphc_abi_context_destroy(nullptr);
}

TEST_CASE("misuse: entries that are not there, and statuses of bodies") {
  PredictCall c;
  for (uint32_t entry : {entryCount, entryCount + 1, UINT32_MAX}) {
    c.entry = entry;
    c.refused(GRAPHC_ERR_VERSION, "the library has no entry");
  }
  for (int32_t code : {-7, -8, -9, -14}) {
    void *args[] = {&code};
    const uint64_t bytes[] = {4};
    CHECK(graphc_abi_call(Answer, c.context, nullptr, nullptr, args, bytes) == code);
    CHECK(c.session.contextMessage() ==
          (code == GRAPHC_ERR_INDEX
               ? "'answer' was given an index that lies outside the tensor it is for"
               : std::string("'answer' stopped with ") + graphc_abi_status_name(static_cast<graphc_status>(code))));
  }
}

TEST_CASE("misuse: options") {
  void *made = &made;
  graphc_options good = {sizeof(good), 0, 1, 0, nullptr, nullptr}, small = {8, 0, 1, 0, nullptr, nullptr},
                 big = {sizeof(good) + 8, 0, 1, 0, nullptr, nullptr}, none = {0, 0, 1, 0, nullptr, nullptr};
  Memory memory(4096);
  for (graphc_options *options : {&small, &big, &none}) {
    made = &made;
    CHECK(graphc_abi_model_create(options, &made) == GRAPHC_ERR_VERSION);
    CHECK(made == nullptr);
    CHECK(graphc_abi_model_init(memory.data, 4096, options, &made) == GRAPHC_ERR_VERSION);
    CHECK(graphc_abi_context_create(options, &made) == GRAPHC_ERR_VERSION);
    CHECK(graphc_abi_context_init(memory.data, 4096, options, &made) == GRAPHC_ERR_VERSION);
  }
  alignas(8) char shifted[sizeof(good) + 8];
  memcpy(shifted + 4, &good, sizeof(good));
  CHECK(graphc_abi_model_create(reinterpret_cast<graphc_options *>(shifted + 4), &made) == GRAPHC_ERR_ALIGN);
  CHECK(memory.data[0] == 0xff);
}

TEST_CASE("misuse: memory for model and context") {
  Memory memory(8192);
  void *made = nullptr;
  size_t model = graphc_abi_model_bytes(), context = graphc_abi_context_bytes();
  CHECK(graphc_abi_model_init(nullptr, model, nullptr, &made) == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_context_init(nullptr, context, nullptr, &made) == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_model_init(memory.data, model, nullptr, nullptr) == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_context_init(memory.data, context, nullptr, nullptr) == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_model_create(nullptr, nullptr) == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_context_create(nullptr, nullptr) == GRAPHC_ERR_NULL);
  for (size_t bytes : {size_t(0), size_t(1), model - 1}) {
    made = &made;
    CHECK(graphc_abi_model_init(memory.data, bytes, nullptr, &made) == GRAPHC_ERR_SIZE);
    CHECK(made == nullptr);
  }
  for (size_t bytes : {size_t(0), context - 1}) {
    CHECK(graphc_abi_context_init(memory.data, bytes, nullptr, &made) == GRAPHC_ERR_SIZE);
  }
  for (int shift : {1, 8, 32, 63}) {
    CHECK(graphc_abi_model_init(memory.data + shift, model, nullptr, &made) == GRAPHC_ERR_ALIGN);
    CHECK(graphc_abi_context_init(memory.data + shift, context, nullptr, &made) == GRAPHC_ERR_ALIGN);
  }
  for (int i = 0; i < 8192; ++i) REQUIRE(memory.data[i] == 0xff);
}

TEST_CASE("misuse: a header of another build, a processor that lacks the level") {
  Restore restore;
  Memory memory(8192);
  void *made = nullptr;
  for (uint64_t hash : {uint64_t(1), uint64_t(0x1235), UINT64_MAX}) {
    CHECK(graphc_abi_model_create_for(hash, nullptr, &made) == GRAPHC_ERR_VERSION);
    CHECK(graphc_abi_model_init_for(hash, memory.data, 8192, nullptr, &made) == GRAPHC_ERR_VERSION);
    CHECK(graphc_abi_context_create_for(hash, nullptr, &made) == GRAPHC_ERR_VERSION);
    CHECK(graphc_abi_context_init_for(hash, memory.data, 8192, nullptr, &made) == GRAPHC_ERR_VERSION);
  }
  CHECK(graphc_abi_model_init_for(0x1234, memory.data, 8192, nullptr, &made) == GRAPHC_OK);
  CHECK(graphc_abi_context_init_for(0x1234, memory.data, 8192, nullptr, &made) == GRAPHC_OK);
  levels[0] = levels[1] = 1000; // no processor has it yet
  CHECK(graphc_abi_model_create(nullptr, &made) == GRAPHC_ERR_DEVICE);
  CHECK(graphc_abi_context_create(nullptr, &made) == GRAPHC_ERR_DEVICE);
  CHECK(graphc_abi_model_init_for(1, memory.data, 8192, nullptr, &made) == GRAPHC_ERR_DEVICE);
  CHECK(graphc_abi_context_init(memory.data, 8192, nullptr, &made) == GRAPHC_ERR_DEVICE);
}

static graphc_status callAnswer(void *context) {
  int32_t code = GRAPHC_OK;
  void *args[] = {&code};
  const uint64_t bytes[] = {sizeof(code)};
  return graphc_abi_call(Answer, context, nullptr, nullptr, args, bytes);
}

TEST_CASE("misuse: levels that the library or the processor lacks") {
  Restore restore;
  Memory memory(8192);
  void *context = nullptr;
  for (uint32_t level : {1u, 4u, 7u, UINT32_MAX}) {
    graphc_options options = {sizeof(options), level, 0, 0, nullptr, nullptr};
    context = &context;
    CHECK(graphc_abi_context_init(memory.data, 8192, &options, &context) == GRAPHC_ERR_DEVICE);
    CHECK(context == nullptr);
    CHECK(graphc_abi_context_create(&options, &context) == GRAPHC_ERR_DEVICE);
    CHECK(graphc_abi_model_init(memory.data, 8192, &options, &context) == GRAPHC_OK); // a model has no code
  }
  CHECK(graphc_abi_context_level(nullptr) == 0);
  CHECK(graphc_abi_context_level(context) == 0); // a model
  levels[1] = 1000;                              // a level that this machine lacks, and one that it has
  graphc_options newer = {sizeof(newer), 1000, 0, 0, nullptr, nullptr},
                 older = {sizeof(older), 2, 0, 0, nullptr, nullptr};
  CHECK(graphc_abi_context_init(memory.data, 8192, &newer, &context) == GRAPHC_ERR_DEVICE);
  for (graphc_options *options : {&older, static_cast<graphc_options *>(nullptr)}) {
    REQUIRE(graphc_abi_context_init(memory.data, 8192, options, &context) == GRAPHC_OK);
    CHECK(graphc_abi_context_level(context) == 2);
    CHECK((callAnswer(context) == GRAPHC_OK && answeringLevel == 2));
  }
}

TEST_CASE("a context runs the code of its level, by default the highest that the processor has") {
  Memory memory(8192);
  void *context = nullptr;
  REQUIRE(graphc_abi_context_init(memory.data, 8192, nullptr, &context) == GRAPHC_OK);
  uint32_t highest = graphc_abi_context_level(context);
  CHECK((highest == 2 || highest == 3));
  CHECK((callAnswer(context) == GRAPHC_OK && answeringLevel == highest));
  for (uint32_t level = 2; level <= highest; ++level) {
    graphc_options options = {sizeof(options), level, 0, 0, nullptr, nullptr};
    REQUIRE(graphc_abi_context_create(&options, &context) == GRAPHC_OK);
    CHECK(graphc_abi_context_level(context) == level);
    CHECK((callAnswer(context) == GRAPHC_OK && answeringLevel == level));
    graphc_abi_context_destroy(context);
  }
}

TEST_CASE("misuse: a seed for no model, or where nothing draws") {
  Session session;
  std::vector<float> before = session.values(W);
  CHECK(graphc_abi_seed(nullptr, 1) == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_seed(session.context, 1) == GRAPHC_ERR_VERSION);
  CHECK(graphc_abi_seed(session.model, 1) == GRAPHC_ERR_FORMAT);
  CHECK(session.modelMessage() == "no entry of this library draws random numbers");
  CHECK(session.values(W) == before);
}

TEST_CASE("misuse: load and save without a path or a model") {
  Session session;
  CHECK(graphc_abi_load(nullptr, "x") == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_save(nullptr, "x") == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_load(session.model, nullptr) == GRAPHC_ERR_NULL);
  CHECK(session.modelMessage() == "the path is null");
  CHECK(graphc_abi_save(session.model, nullptr) == GRAPHC_ERR_NULL);
  CHECK(graphc_abi_load(session.context, "x") == GRAPHC_ERR_VERSION);
  CHECK(std::string(graphc_abi_model_message(nullptr)).empty());
  CHECK(std::string(graphc_abi_context_message(nullptr)).empty());
  CHECK(std::string(graphc_abi_status_name(static_cast<graphc_status>(15))) == "unknown status");
}
