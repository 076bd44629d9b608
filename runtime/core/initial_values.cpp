// Initial values of params (graph-format R20): element i of a param is a function of the seed, the param's path and i
// alone, so neither order, nor packing, nor other params change it. Philox4x32-10 (Salmon et al., SC11): key = seed,
// counter = element, attempt and path.
#include "core/model.h"
#include <math.h>

using namespace graphc::runtime;

namespace {

struct Block {
  uint32_t words[4];
};

struct Param {
  const graphc_param_info &info;
  const graphc_param_storage &storage;
  uint64_t seed, path; // path: its hash
};

} // namespace

static uint64_t hashPath(const char *path) { // FNV-1a 64
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *path; ++path) hash = (hash ^ static_cast<unsigned char>(*path)) * 0x100000001b3u;
  return hash;
}

static Block philox(uint64_t key, Block block) {
  uint32_t key0 = static_cast<uint32_t>(key), key1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t(0xd2511f53u) * block.words[0];
    uint64_t product1 = uint64_t(0xcd9e8d57u) * block.words[2];
    block = {{static_cast<uint32_t>(product1 >> 32) ^ block.words[1] ^ key0, static_cast<uint32_t>(product1),
              static_cast<uint32_t>(product0 >> 32) ^ block.words[3] ^ key1, static_cast<uint32_t>(product0)}};
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  return block;
}

/// Elements count below 2^47, so the counter's second word has room for the attempt.
static Block draw(const Param &param, uint64_t element, uint32_t attempt) {
  return philox(param.seed, {{static_cast<uint32_t>(element), static_cast<uint32_t>(element >> 32) | attempt << 16,
                              static_cast<uint32_t>(param.path), static_cast<uint32_t>(param.path >> 32)}});
}

/// In [0, 1), 53 bits.
static double uniform(uint32_t high, uint32_t low) {
  return static_cast<double>((uint64_t(high) << 32 | low) >> 11) * 0x1p-53;
}

/// Two independent normals of one block, by Box and Muller.
static void normals(const Block &block, double out[2]) {
  double radius = sqrt(-2 * log(1 - uniform(block.words[0], block.words[1]))); // 1 - u lies in (0, 1]
  double angle = 6.283185307179586 * uniform(block.words[2], block.words[3]);
  out[0] = radius * cos(angle);
  out[1] = radius * sin(angle);
}

static float uniformValue(const Param &param, uint64_t element) {
  float low = static_cast<float>(param.storage.a), high = static_cast<float>(param.storage.b);
  Block block = draw(param, element, 0);
  double value = param.storage.a + (param.storage.b - param.storage.a) * uniform(block.words[0], block.words[1]);
  float rounded = static_cast<float>(value);
  return rounded >= high && low < high ? nextafterf(high, low) : rounded; // rounding must not reach the open end
}

static float normalValue(const Param &param, uint64_t element, bool truncated) {
  double pair[2] = {0, 0};
  for (uint32_t attempt = 0; attempt < 64; ++attempt) { // each pair misses with probability 0.002: never 64 times
    normals(draw(param, element, attempt), pair);
    if (!truncated || fabs(pair[0]) <= 2) return static_cast<float>(param.storage.a * pair[0]);
    if (fabs(pair[1]) <= 2) return static_cast<float>(param.storage.a * pair[1]);
  }
  return 0;
}

static float initialValue(const Param &param, uint64_t element) {
  switch (param.storage.init) {
  case GRAPHC_INIT_CONSTANT:
    return static_cast<float>(param.storage.a);
  case GRAPHC_INIT_UNIFORM:
    return uniformValue(param, element);
  case GRAPHC_INIT_NORMAL:
    return normalValue(param, element, false);
  case GRAPHC_INIT_TRUNCATED_NORMAL:
    return normalValue(param, element, true);
  default:
    return 0;
  }
}

static void fill(const Param &param, char *stored) {
  float *values = reinterpret_cast<float *>(stored);
  uint64_t count = param.info.bytes / sizeof(float);
  if (param.storage.layout == GRAPHC_LAYOUT_ROWS) {
    for (uint64_t i = 0; i < count; ++i) values[i] = initialValue(param, i);
    return;
  }
  uint64_t rows = param.info.dims[0], columns = param.info.dims[1];
  for (uint64_t i = 0; i < count; ++i) { // element order is the logical one, whatever the layout
    uint64_t row = i / columns, column = i % columns;
    uint64_t panel = column / GRAPHC_PANEL_COLUMNS * rows + row;
    values[panel * GRAPHC_PANEL_COLUMNS + column % GRAPHC_PANEL_COLUMNS] = initialValue(param, i);
  }
}

uint32_t graphc::runtime::writeInitialValues(char *params, uint64_t seed) {
  uint32_t waiting = 0;
  for (uint32_t i = 0; i < signature().param_count; ++i) {
    Param param = {signature().params[i], library().params[i], seed, hashPath(signature().params[i].path)};
    // Only f32 has a rule for initial values; anything else must be loaded.
    bool known = param.storage.init >= GRAPHC_INIT_CONSTANT && param.storage.init <= GRAPHC_INIT_TRUNCATED_NORMAL;
    if (known && param.info.dtype == GRAPHC_F32)
      fill(param, params + param.storage.offset);
    else if (!waiting)
      waiting = i + 1;
  }
  return waiting;
}
