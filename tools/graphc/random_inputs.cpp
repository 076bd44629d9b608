// SplitMix64 with a fixed seed, written out: the standard library's distributions differ between implementations.
#include "tools/graphc/random_inputs.h"
#include "compiler/driver/describe_tensor.h"
#include <cstring>

using namespace graphc;

static uint64_t nextRandom(uint64_t &state) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// The bits of one element, in its low bytes.
static uint64_t randomElement(uint32_t dtype, uint64_t random) {
  double value = static_cast<double>(random >> 11) * 0x1p-52 - 1.0; // [-1, 1)
  auto single = static_cast<float>(value);
  uint64_t bits = 0;
  switch (dtype) {
  case GRAPHC_F64:
    memcpy(&bits, &value, sizeof value);
    return bits;
  case GRAPHC_F32:
    memcpy(&bits, &single, sizeof single);
    return bits;
  case GRAPHC_BF16:
    memcpy(&bits, &single, sizeof single);
    return bits >> 16;
  case GRAPHC_F16:
    return (random & 0x83ff) | 0x3800; // sign and mantissa at random, exponent of [0.5, 1)
  default:
    return random & 1;
  }
}

void cli::fillRandomInputs(const graphc_entry_info &entry, const ArgumentBuffers &buffers) {
  uint64_t state = 1;
  for (uint32_t i = 0; i < entry.arg_count; ++i) {
    const graphc_tensor_info &tensor = entry.args[i];
    uint64_t elementBytes = driver::dtypeBytes(tensor.dtype);
    if (tensor.direction != GRAPHC_INPUT || !elementBytes) continue;
    for (uint64_t at = 0; at + elementBytes <= buffers.size(i); at += elementBytes) {
      uint64_t bits = randomElement(tensor.dtype, nextRandom(state));
      memcpy(buffers.data(i) + at, &bits, elementBytes);
    }
  }
}
