// Entries with dims: bounds, multiples and requirements are checked before memory, sizes follow from the dims, a
// context may be smaller than the largest dims ask for; and entries that write the model. A library of its own stands
// in for the fake one:
//   sum(B 2..64 by 2, T 0..1000; x f32[B,T], y f32[2*B + 1] out), requires T <= 4*B: y[i] = sum of row i, by way of the
//     workspace of B*T floats; y[B..] = 0
//   huge(B 0..2^62; x f64[B] out)
//   count(): adds 1 to the i64 param 'steps'; writes the model
#include "fake_library.h"
#include <catch2/catch.hpp>

using namespace fake;

namespace {

enum { Sum, Huge, Count, dynamicCount };

constexpr graphc_size_step number(int64_t value) { return {GRAPHC_SIZE_NUMBER, 0, value}; }
constexpr graphc_size_step dim(int64_t index) { return {GRAPHC_SIZE_DIM, 0, index}; }
constexpr graphc_size_step doIt(uint32_t kind) { return {kind, 0, 0}; }

const graphc_size_step stepsB[] = {dim(0)}, stepsT[] = {dim(1)};
const graphc_size_step stepsY[] = {number(2), dim(0), doIt(GRAPHC_SIZE_MUL), number(1), doIt(GRAPHC_SIZE_ADD)};
const graphc_size_step steps4B[] = {number(4), dim(0), doIt(GRAPHC_SIZE_MUL)};
const graphc_size sizesX[] = {{stepsB, 1}, {stepsT, 1}}, sizesY[] = {{stepsY, 5}};
const graphc_requirement requirements[] = {{"T <= 4*B", {stepsT, 1}, {steps4B, 3}, GRAPHC_LE, 0}};
const int64_t open1[] = {-1}, open2[] = {-1, -1};
const graphc_dim_info sumDims[] = {{"B", "rows", 2, 64, 2}, {"T", "", 0, 1000, 1}};
const graphc_dim_info hugeDims[] = {{"B", "", 0, int64_t(1) << 62, 1}};
const graphc_tensor_info sumArgs[] = {{"x", "", open2, sizesX, 64 * 1000 * 4, 2, GRAPHC_F32, GRAPHC_INPUT, 0},
                                      {"y", "", open1, sizesY, 129 * 4, 1, GRAPHC_F32, GRAPHC_OUTPUT, 0}};
const graphc_tensor_info hugeArgs[] = {{"x", "", open1, sizesX, 0, 1, GRAPHC_F64, GRAPHC_OUTPUT, 0}};
graphc_entry_info dynamicEntries[dynamicCount] = {};
const graphc_param_info dynamicParams[] = {{"steps", "", nullptr, 8, 0, GRAPHC_I64}};
graphc_param_storage dynamicStorage[] = {{0, 8, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_CONSTANT, 0, 0, nullptr}};
const uint32_t dynamicLevels[] = {2};
graphc_signature dynamicSignature = {sizeof(graphc_signature),
                                     dynamicCount,
                                     1,
                                     1,
                                     "dynamic",
                                     "",
                                     0x99,
                                     512 + 64,
                                     512 + 256000,
                                     dynamicEntries,
                                     dynamicParams,
                                     dynamicLevels};

int32_t sum(void *const *args, void *, void *arena, const int64_t *dims, const graphc_team *) {
  const float *x = static_cast<const float *>(args[0]);
  float *y = static_cast<float *>(args[1]), *scratch = static_cast<float *>(arena);
  for (int64_t i = 0; i < dims[0] * dims[1]; ++i) scratch[i] = x[i];
  for (int64_t i = 0; i <= 2 * dims[0]; ++i) y[i] = 0;
  for (int64_t i = 0; i < dims[0] * dims[1]; ++i) y[i / dims[1]] += scratch[i];
  return 0;
}
uint64_t sumArena(const int64_t *dims) { return dims[0] * dims[1] * 4; }
int32_t huge(void *const *, void *, void *, const int64_t *, const graphc_team *) { return 0; }
int32_t count(void *const *, void *params, void *, const int64_t *, const graphc_team *) {
  ++*static_cast<int64_t *>(params);
  return 0;
}
const graphc_body bodies[] = {sum, huge, count};
const graphc_entry_code dynamicCodes[] = {
    {&bodies[Sum], sumArena, 256000}, {&bodies[Huge], nullptr, 0}, {&bodies[Count], nullptr, 0}};

/// The fake library's place taken by the one above.
class Dynamic {
public:
  Dynamic() {
    graphc_entry_info &one = dynamicEntries[Sum], &two = dynamicEntries[Huge], &three = dynamicEntries[Count];
    one.name = "sum", two.name = "huge", three.name = "count";
    one.args = sumArgs, one.arg_count = 2, one.dims = sumDims, one.dim_count = 2;
    one.requirements = requirements, one.requirement_count = 1;
    two.args = hugeArgs, two.arg_count = 1, two.dims = hugeDims, two.dim_count = 1;
    three.needs_model = three.writes_model = 1;
    graphc_library_description = {&dynamicSignature, dynamicStorage, dynamicCodes, nullptr, 64, 256000, 1,
                                  nullptr,           nullptr};
  }
  ~Dynamic() {
    graphc_abi_context_destroy(context);
    graphc_abi_model_destroy(model);
  }
  graphc_status call(int64_t b, int64_t t, uint64_t xBytes, uint64_t yBytes) {
    int64_t dims[] = {b, t};
    void *args[] = {x.data(), y.data()};
    uint64_t bytes[] = {xBytes, yBytes};
    return graphc_abi_call(Sum, context, nullptr, dims, args, bytes);
  }
  std::string message() const { return graphc_abi_context_message(context); }

  Restore restore;
  void *context = nullptr, *model = nullptr;
  std::vector<float> x = std::vector<float>(64 * 1000, 1), y = std::vector<float>(129, -1);
};

} // namespace

TEST_CASE("dims: a call computes with the sizes that its dims give") {
  Dynamic library;
  REQUIRE(graphc_abi_context_create(nullptr, &library.context) == GRAPHC_OK);
  for (int64_t b : {2, 4, 64})
    for (int64_t t : {0, 1, 8}) {
      CHECK(library.call(b, t, b * t * 4, (2 * b + 1) * 4) == GRAPHC_OK);
      CHECK(library.message() == "");
      CHECK(library.y[b - 1] == static_cast<float>(t));
      CHECK(library.y[b] == 0);
    }
  CHECK(library.call(4, 3, 44, 36) == GRAPHC_ERR_SIZE);
  CHECK(library.message() == "'x' is f32[4,3] and needs 48 bytes, but 44 were given");
}

TEST_CASE("dims: what the graph does not allow is GRAPHC_ERR_SHAPE, before memory is touched") {
  Dynamic library;
  REQUIRE(graphc_abi_context_create(nullptr, &library.context) == GRAPHC_OK);
  CHECK(library.call(0, 1, 0, 0) == GRAPHC_ERR_SHAPE);
  CHECK(library.message() == "dim 'B' is 0, but it must be at least 2");
  CHECK(library.call(66, 1, 0, 0) == GRAPHC_ERR_SHAPE);
  CHECK(library.message() == "dim 'B' is 66, but it must be at most 64");
  CHECK(library.call(3, 1, 0, 0) == GRAPHC_ERR_SHAPE);
  CHECK(library.message() == "dim 'B' is 3, but it must be a multiple of 2");
  CHECK(library.call(INT64_MIN, 1, 0, 0) == GRAPHC_ERR_SHAPE);
  CHECK(library.message() == "dim 'B' is -9223372036854775808, but it must be at least 2");
  CHECK(library.call(2, 9, 72, 20) == GRAPHC_ERR_SHAPE);
  CHECK(library.message() == "'T <= 4*B' must hold, but its sides are 9 and 8 at B = 2, T = 9");
  CHECK(library.y[0] == -1);
  int64_t many = (int64_t(1) << 60) + 1;
  void *args[] = {library.y.data()};
  uint64_t bytes[] = {8};
  CHECK(graphc_abi_call(Huge, library.context, nullptr, &many, args, bytes) == GRAPHC_ERR_SHAPE);
  CHECK(library.message() == "'x' has no size that fits 64 bits with these dims");
  CHECK(graphc_abi_call(Sum, library.context, nullptr, nullptr, args, bytes) == GRAPHC_ERR_NULL);
}

TEST_CASE("dims: a context may be as small as the calls that it serves") {
  Dynamic library;
  const int64_t small[] = {4, 8}, wrong[] = {3, 8};
  uint64_t bytes = graphc_abi_entry_context_bytes(Sum, small);
  CHECK(bytes == GRAPHC_CONTEXT_HEADER_BYTES + 128);
  CHECK(graphc_abi_entry_context_bytes(Sum, wrong) == 0);
  CHECK(graphc_abi_entry_context_bytes(Sum, nullptr) == 0);
  CHECK(graphc_abi_entry_context_bytes(99, small) == 0);
  Memory memory(bytes);
  REQUIRE(graphc_abi_context_init(memory.data, bytes, nullptr, &library.context) == GRAPHC_OK);
  CHECK(library.call(4, 8, 128, 36) == GRAPHC_OK);
  CHECK(memory.data[bytes] == 0xff);
  CHECK(library.call(6, 8, 192, 52) == GRAPHC_ERR_MEMORY);
  CHECK(library.message() == "'sum' with these dims needs a context of 704 bytes, but this one has 640");
  graphc_abi_context_destroy(library.context);
  CHECK(graphc_abi_context_init(memory.data, GRAPHC_CONTEXT_HEADER_BYTES - 1, nullptr, &library.context) ==
        GRAPHC_ERR_SIZE);
  graphc_options options = {sizeof(options), 0, 0, bytes, nullptr, nullptr};
  REQUIRE(graphc_abi_context_create(&options, &library.context) == GRAPHC_OK);
  CHECK(library.call(4, 8, 128, 36) == GRAPHC_OK);
  CHECK(library.call(6, 8, 192, 52) == GRAPHC_ERR_MEMORY);
  graphc_abi_context_destroy(library.context);
  options.context_bytes = UINT64_MAX; // no more than the largest dims need is taken
  REQUIRE(graphc_abi_context_create(&options, &library.context) == GRAPHC_OK);
  CHECK(library.call(64, 256, 65536, 516) == GRAPHC_OK);
  options.context_bytes = 1;
  void *other = nullptr;
  CHECK(graphc_abi_context_create(&options, &other) == GRAPHC_ERR_SIZE);
}

TEST_CASE("state: an entry that writes the model has its own copy of an embedded image") {
  enum Image { None, Whole, WithoutIt }; // what an image lacks has its initial value
  for (Image kind : {None, Whole, WithoutIt}) {
    Dynamic library;
    alignas(64) static const int64_t image[8] = {40};
    bool embedded = kind == Whole;
    if (kind != None) graphc_library_description.image = image;
    dynamicStorage[0].init = kind == Whole ? GRAPHC_INIT_NONE : GRAPHC_INIT_CONSTANT;
    CHECK(graphc_abi_model_bytes() == GRAPHC_MODEL_HEADER_BYTES + 64);
    void *other = nullptr;
    REQUIRE(graphc_abi_model_create(nullptr, &library.model) == GRAPHC_OK);
    REQUIRE(graphc_abi_model_create(nullptr, &other) == GRAPHC_OK);
    REQUIRE(graphc_abi_context_create(nullptr, &library.context) == GRAPHC_OK);
    for (int i = 0; i < 2; ++i)
      CHECK(graphc_abi_call(Count, library.context, library.model, nullptr, nullptr, nullptr) == GRAPHC_OK);
    auto steps = [](void *model) {
      return *reinterpret_cast<int64_t *>(static_cast<char *>(model) + GRAPHC_MODEL_HEADER_BYTES);
    };
    CHECK(steps(library.model) == (embedded ? 42 : 2));
    CHECK(steps(other) == (embedded ? 40 : 0));
    CHECK(image[0] == 40);
    graphc_abi_model_destroy(other);
    dynamicStorage[0].init = GRAPHC_INIT_CONSTANT;
  }
}

TEST_CASE("sizes: the evaluator checks every step") {
  const int64_t dims[] = {-7, 5};
  auto value = [&](std::vector<graphc_size_step> steps) -> std::string {
    graphc_size size = {steps.data(), steps.size()};
    int64_t result;
    return graphc_size_value(&size, dims, 2, &result) ? std::to_string(result) : "none";
  };
  graphc_size_step add = doIt(GRAPHC_SIZE_ADD), mul = doIt(GRAPHC_SIZE_MUL), div = doIt(GRAPHC_SIZE_FLOOR_DIV),
                   mod = doIt(GRAPHC_SIZE_MOD);
  CHECK(value({dim(0), number(2), div}) == "-4");
  CHECK(value({dim(0), number(2), mod}) == "1");
  CHECK(value({number(INT64_MIN), number(3), mod}) == "1");
  CHECK(value({number(INT64_MIN), number(3), div}) == "-3074457345618258603");
  CHECK(value({dim(1), number(0), div}) == "none");
  CHECK(value({dim(1), dim(0), mod}) == "none");
  CHECK(value({number(INT64_MAX), number(1), add}) == "none");
  CHECK(value({number(INT64_MAX), number(2), mul}) == "none");
  CHECK(value({dim(2)}) == "none");
  CHECK(value({dim(-1)}) == "none");
  CHECK(value({}) == "none");
  CHECK(value({add}) == "none");
  CHECK(value({number(1), number(2)}) == "none");
  CHECK(value({number(1), number(2), doIt(9)}) == "none");
  CHECK(value(std::vector<graphc_size_step>(GRAPHC_SIZE_DEPTH + 1, number(1))) == "none");
}
