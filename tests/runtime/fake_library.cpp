// See fake_library.h.
#include "fake_library.h"
#include "graphc/safetensors.h"
#include <thread>

namespace fake {

static const int64_t dimsX[] = {2, 3}, dimsY[] = {2, 18}, dimsZ[] = {0}, dims4[] = {4}, dimsW[] = {3, 18},
                     dimsB[] = {18}, dimsE[] = {0, 4};
static const graphc_tensor_info predictArgs[] = {
    {"x", "rows", dimsX, nullptr, 24, 2, GRAPHC_F32, GRAPHC_INPUT, 0},
    {"t", "", nullptr, nullptr, 4, 0, GRAPHC_F32, GRAPHC_INPUT, 0},
    {"y", "", dimsY, nullptr, 144, 2, GRAPHC_F32, GRAPHC_OUTPUT, 0},
    {"z", "", dimsZ, nullptr, 0, 1, GRAPHC_F32, GRAPHC_OUTPUT, 0},
};
static const graphc_tensor_info pureArgs[] = {
    {"a", "", dims4, nullptr, 32, 1, GRAPHC_F64, GRAPHC_INPUT, 0},
    {"c", "", dims4, nullptr, 32, 1, GRAPHC_F64, GRAPHC_OUTPUT, 0},
};
static const graphc_tensor_info answerArgs[] = {{"code", "", nullptr, nullptr, 4, 0, GRAPHC_I32, GRAPHC_INPUT, 0}};

static graphc_entry_info entryInfo(const char *name, const graphc_tensor_info *args, uint32_t count, uint32_t model) {
  graphc_entry_info info = {};
  info.name = name;
  info.doc = "";
  info.args = args;
  info.arg_count = count;
  info.needs_model = model;
  return info;
}

graphc_entry_info entries[entryCount] = {entryInfo("predict", predictArgs, 4, 1), entryInfo("pure", pureArgs, 2, 0),
                                         entryInfo("answer", answerArgs, 1, 0), entryInfo("hold", nullptr, 0, 0),
                                         entryInfo("team", nullptr, 0, 0)};
graphc_param_info params[paramCount] = {
    {"net.w", "", dimsW, 216, 2, GRAPHC_F32},
    {"net.b", "", dimsB, 72, 1, GRAPHC_F32},
    {"a \"scale\"\n", "", nullptr, 4, 0, GRAPHC_F32}, // a path that needs escapes in the file
    {"empty", "", dimsE, 0, 2, GRAPHC_F32},
};
graphc_param_storage storage[paramCount] = {
    {0, 384, GRAPHC_LAYOUT_PANELS, GRAPHC_INIT_UNIFORM, -0.5, 0.5, nullptr},
    {384, 72, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_CONSTANT, 0.25, 0, nullptr},
    {512, 4, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_NORMAL, 2, 0, nullptr},
    {576, 0, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_CONSTANT, 0, 0, nullptr},
};
uint32_t levels[levelCount] = {2, 3};
graphc_signature signature = {sizeof(graphc_signature),
                              entryCount,
                              paramCount,
                              levelCount,
                              "fake",
                              "",
                              0x1234,
                              512 + 640,
                              512 + 256,
                              entries,
                              params,
                              levels};
uint32_t answeringLevel = 0;
std::atomic<int> holding{0};
std::atomic<bool> release{false};
graphc_team seenTeam;

static int32_t predict(void *const *args, void *block, void *arena, const int64_t *, const graphc_team *) {
  const float *x = static_cast<const float *>(args[0]), t = *static_cast<const float *>(args[1]);
  float *y = static_cast<float *>(args[2]), *w = static_cast<float *>(arena); // w row-major: 54 floats
  const char *base = static_cast<const char *>(block);
  const float *b = reinterpret_cast<const float *>(base + 384);
  graphc_unpack_panels(base, 4, 3, 18, w);
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 18; ++column) {
      float sum = t * b[column];
      for (int k = 0; k < 3; ++k) sum += x[row * 3 + k] * w[k * 18 + column];
      y[row * 18 + column] = sum;
    }
  return 0;
}

static int32_t pure(void *const *args, void *, void *, const int64_t *, const graphc_team *) {
  for (int i = 0; i < 4; ++i) static_cast<double *>(args[1])[i] = 2 * static_cast<const double *>(args[0])[i];
  return 0;
}

template <uint32_t level> int32_t answer(void *const *args, void *, void *, const int64_t *, const graphc_team *) {
  answeringLevel = level;
  return *static_cast<const int32_t *>(args[0]);
}

static int32_t hold(void *const *, void *, void *, const int64_t *, const graphc_team *) {
  ++holding;
  while (!release) std::this_thread::yield();
  --holding;
  return 0;
}

static int32_t team(void *const *, void *, void *, const int64_t *, const graphc_team *given) {
  seenTeam = given ? *given : graphc_team{};
  return 0;
}

static const graphc_body predictBodies[] = {predict, predict}, pureBodies[] = {pure, pure},
                         answerBodies[] = {answer<2>, answer<3>}, holdBodies[] = {hold, hold},
                         teamBodies[] = {team, team};
static const graphc_entry_code codes[] = {{predictBodies, nullptr, 216},
                                          {pureBodies, nullptr, 0},
                                          {answerBodies, nullptr, 0},
                                          {holdBodies, nullptr, 0},
                                          {teamBodies, nullptr, 0}};

Restore::Restore() : library(graphc_library_description), savedSignature(signature) {
  memcpy(savedLevels, levels, sizeof(levels));
  memcpy(savedParams, params, sizeof(params));
  memcpy(savedStorage, storage, sizeof(storage));
}

Restore::~Restore() {
  graphc_library_description = library;
  signature = savedSignature;
  memcpy(levels, savedLevels, sizeof(levels));
  memcpy(params, savedParams, sizeof(params));
  memcpy(storage, savedStorage, sizeof(storage));
}

Session::Session(uint64_t seed) {
  graphc_options options = {sizeof(options), 0, seed, 0, nullptr, nullptr};
  graphc_abi_model_create(&options, &model);
  graphc_abi_context_create(&options, &context);
}

Session::~Session() {
  graphc_abi_model_destroy(model);
  graphc_abi_context_destroy(context);
}

graphc_status Session::predict(const float *x, float t, float *y) {
  void *args[] = {const_cast<float *>(x), &t, y, nullptr};
  const uint64_t bytes[] = {24, 4, 144, 0};
  return graphc_abi_call(Predict, context, model, nullptr, args, bytes);
}

std::vector<float> Session::values(uint32_t param) const {
  const float *stored = reinterpret_cast<const float *>(static_cast<const char *>(model) + GRAPHC_MODEL_HEADER_BYTES +
                                                        storage[param].offset);
  std::vector<float> out(params[param].bytes / sizeof(float));
  if (storage[param].layout == GRAPHC_LAYOUT_PANELS)
    graphc_unpack_panels(stored, 4, params[param].dims[0], params[param].dims[1], out.data());
  else if (!out.empty())
    memcpy(out.data(), stored, params[param].bytes);
  return out;
}

} // namespace fake

extern "C" {
graphc_library graphc_library_description = {
    &fake::signature, fake::storage, fake::codes, nullptr, fake::paramsBytes, 216, 0, graphc_winograd_filters, nullptr};
}
