// Initial values of params (graph-format R20): element i of a param is a function of the seed, the param's path and i
// alone, so neither order, nor packing, nor other params change it. Philox4x32-10 (Salmon et al., SC11): key = seed,
// counter = element, attempt and path. Floats have every kind of init, integers and bool the constant one. Conversions
// to 16 bits are written out: the compiler's own would call functions that libm does not have.
#include "core/dtype.h"
#include "core/model.h"
#include <math.h>
#include <string.h>

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

static double uniformValue(const Param &param, uint64_t element) {
  float low = static_cast<float>(param.storage.a), high = static_cast<float>(param.storage.b);
  Block block = draw(param, element, 0);
  double value = param.storage.a + (param.storage.b - param.storage.a) * uniform(block.words[0], block.words[1]);
  if (param.info.dtype == GRAPHC_F64) return value >= param.storage.b ? param.storage.a : value;
  float rounded = static_cast<float>(value);
  return rounded >= high && low < high ? nextafterf(high, low) : rounded; // rounding must not reach the open end
}

static double normalValue(const Param &param, uint64_t element, bool truncated) {
  double pair[2] = {0, 0};
  for (uint32_t attempt = 0; attempt < 64; ++attempt) { // each pair misses with probability 0.002: never 64 times
    normals(draw(param, element, attempt), pair);
    if (!truncated || fabs(pair[0]) <= 2) return param.storage.a * pair[0];
    if (fabs(pair[1]) <= 2) return param.storage.a * pair[1];
  }
  return 0;
}

static double initialValue(const Param &param, uint64_t element) {
  switch (param.storage.init) {
  case GRAPHC_INIT_CONSTANT:
    return param.storage.a;
  case GRAPHC_INIT_UNIFORM:
    return uniformValue(param, element);
  case GRAPHC_INIT_NORMAL:
    return normalValue(param, element, false);
  case GRAPHC_INIT_TRUNCATED_NORMAL:
    return normalValue(param, element, true);
  case GRAPHC_INIT_IDENTITY:
    return element / param.info.dims[1] == element % param.info.dims[1];
  default:
    return 0;
  }
}

static double halfValue(uint16_t bits) { // of a finite one
  uint32_t magnitude = bits & 0x7fff, wide = (magnitude << 13) + (112u << 23);
  float normal;
  memcpy(&normal, &wide, sizeof(normal));
  double value = magnitude < 0x400 ? magnitude * 0x1p-24 : static_cast<double>(normal);
  return bits >> 15 ? -value : value;
}

static double loadFloat(uint32_t dtype, const char *at) {
  double wide = 0;
  float single = 0;
  uint32_t bits = 0;
  if (dtype == GRAPHC_F64) return memcpy(&wide, at, sizeof(wide)), wide;
  if (dtype == GRAPHC_F32) return memcpy(&single, at, sizeof(single)), single;
  memcpy(&bits, at, 2);
  if (dtype == GRAPHC_F16) return halfValue(static_cast<uint16_t>(bits));
  bits <<= 16; // bf16 is the upper half of an f32
  return memcpy(&single, &bits, sizeof(single)), single;
}

/// Rounds to nearest, ties to even; NaN stays NaN.
static uint16_t bfloat16Bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  if (value != value) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static uint16_t halfBits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  uint16_t sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  bits &= 0x7fffffff;
  if (value != value) return sign | 0x7e00;
  if (bits >= 0x477ff000) return sign | 0x7c00; // from 65520 on the nearest is infinity
  if (bits < 0x38800000) {                      // subnormal: a multiple of 2^-24, which the sum's last bit is
    float magnitude, anchor = 0.5f;
    memcpy(&magnitude, &bits, sizeof(magnitude));
    magnitude += anchor;
    uint32_t sum, base = 0x3f000000;
    memcpy(&sum, &magnitude, sizeof(sum));
    return static_cast<uint16_t>(sign | (sum - base));
  }
  uint32_t rounded = bits + 0xfff + (bits >> 13 & 1);
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112u << 10)));
}

/// To the nearest that the type holds, fractions cut.
static int64_t integerValue(uint32_t dtype, double value) {
  bool isUnsigned = dtype >= GRAPHC_U8;
  uint32_t bits = dtypes[dtype].bytes * 8;
  uint64_t largest = ~uint64_t(0) >> (64 - bits + !isUnsigned);
  double bottom = isUnsigned ? 0 : -static_cast<double>(largest) - 1;
  if (value != value) return 0;
  if (value >= static_cast<double>(largest)) return static_cast<int64_t>(largest);
  if (value <= bottom) return isUnsigned ? 0 : -static_cast<int64_t>(largest) - 1;
  return value < 0x1p63 ? static_cast<int64_t>(value) : static_cast<int64_t>(static_cast<uint64_t>(value));
}

/// Writes one element, in little-endian order as x86-64 has it.
static void store(uint32_t dtype, double value, char *at) {
  float single = static_cast<float>(value);
  uint16_t half;
  int64_t integer;
  switch (dtype) {
  case GRAPHC_F32:
    memcpy(at, &single, sizeof(single));
    return;
  case GRAPHC_F64:
    memcpy(at, &value, sizeof(value));
    return;
  case GRAPHC_F16:
  case GRAPHC_BF16:
    half = dtype == GRAPHC_F16 ? halfBits(single) : bfloat16Bits(single);
    memcpy(at, &half, sizeof(half));
    return;
  case GRAPHC_BOOL:
    *at = value != 0;
    return;
  default:
    integer = integerValue(dtype, value);
    memcpy(at, &integer, dtypes[dtype].bytes);
  }
}

/// Position of an element in the stored param: element order is the logical one, whatever the layout.
static uint64_t positionOf(const Param &param, uint64_t element) {
  if (param.storage.layout != GRAPHC_LAYOUT_PANELS) return element;
  Panels panels = panelsOf(param.info);
  return panels.positionOf(element / panels.columns, element % panels.columns);
}

namespace {
/// The rows or columns of a matrix, whichever are fewer, made orthonormal one after the other (Gram and Schmidt, each
/// twice: once is not enough where they nearly depend). They stay in the model block in their dtype, sums are double.
class Orthogonal {
public:
  Orthogonal(const Param &param, char *stored) : param(param), stored(stored) {
    uint64_t rows = param.info.dims[0], columns = param.info.dims[1];
    bool tall = rows >= columns;
    count = tall ? columns : rows;
    length = tall ? rows : columns;
    vectorStep = tall ? 1 : columns;
    elementStep = tall ? columns : 1;
  }

  void fill() {
    for (uint64_t v = 0; v < count; ++v) {
      double kept = 0;
      for (uint32_t attempt = 0; attempt < 8 && kept < 0.001; ++attempt) { // normals nearly in the others' space
        for (uint64_t i = 0; i < length; ++i) put(v, i, normal(v * vectorStep + i * elementStep, attempt));
        double before = sqrt(product(v, v));
        for (int turn = 0; turn < 2; ++turn)
          for (uint64_t u = 0; u < v; ++u) add(v, u, -product(u, v));
        double after = sqrt(product(v, v));
        kept = before > 0 ? after / before : 0;
        for (uint64_t i = 0; i < length && after > 0; ++i) put(v, i, get(v, i) / after);
      }
    }
  }

private:
  double normal(uint64_t element, uint32_t attempt) const {
    double pair[2];
    normals(draw(param, element, attempt), pair);
    return pair[0];
  }
  char *at(uint64_t v, uint64_t i) const {
    return stored + positionOf(param, v * vectorStep + i * elementStep) * dtypes[param.info.dtype].bytes;
  }
  double get(uint64_t v, uint64_t i) const { return loadFloat(param.info.dtype, at(v, i)); }
  void put(uint64_t v, uint64_t i, double value) const { store(param.info.dtype, value, at(v, i)); }
  double product(uint64_t u, uint64_t v) const {
    double sum = 0;
    for (uint64_t i = 0; i < length; ++i) sum += get(u, i) * get(v, i);
    return sum;
  }
  void add(uint64_t v, uint64_t u, double factor) const {
    for (uint64_t i = 0; i < length; ++i) put(v, i, get(v, i) + factor * get(u, i));
  }

  const Param &param;
  char *stored;
  uint64_t count, length, vectorStep, elementStep;
};
} // namespace

static void fill(const Param &param, char *stored) {
  uint64_t width = dtypes[param.info.dtype].bytes, count = param.info.bytes / width;
  if (param.storage.init == GRAPHC_INIT_ORTHOGONAL) {
    Orthogonal(param, stored).fill();
    return;
  }
  const char *values = static_cast<const char *>(param.storage.values);
  bool given = param.storage.init == GRAPHC_INIT_VALUES && values;
  if (param.storage.init == GRAPHC_INIT_SEED) memcpy(stored, &param.seed, sizeof(param.seed));
  if (isRandomState(param.storage)) return; // calls: zeroed
  for (uint64_t i = 0; i < count; ++i) {
    char *at = stored + positionOf(param, i) * width;
    if (given)
      memcpy(at, values + i * width, width);
    else
      store(param.info.dtype, initialValue(param, i), at);
  }
}

/// False for what must be loaded from a file.
static bool hasRule(const graphc_param_info &param, uint32_t init) {
  if (param.dtype >= dtypeCount) return false;
  if (init == GRAPHC_INIT_CONSTANT || init == GRAPHC_INIT_VALUES) return true;
  if (init == GRAPHC_INIT_SEED || init == GRAPHC_INIT_CALLS) return true;
  bool matrix = param.rank == 2;
  if (init == GRAPHC_INIT_IDENTITY) return matrix;
  return param.dtype <= GRAPHC_BF16 && init >= GRAPHC_INIT_UNIFORM &&
         (init <= GRAPHC_INIT_TRUNCATED_NORMAL || (init == GRAPHC_INIT_ORTHOGONAL && matrix));
}

uint32_t graphc::runtime::writeInitialValues(char *params, uint64_t seed) {
  uint32_t waiting = 0;
  for (uint32_t i = 0; i < signature().param_count; ++i) {
    Param param = {signature().params[i], library().params[i], seed, hashPath(signature().params[i].path)};
    char *stored = params + param.storage.offset;
    if (hasRule(param.info, param.storage.init)) {
      fill(param, stored);
      completeLayout(param.info, param.storage, stored);
    } else if (!waiting) {
      waiting = i + 1;
    }
  }
  return waiting;
}
