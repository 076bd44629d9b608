// What the machine's memory gives and takes, measured at several sizes of data: the other half of the roof under which
// `graphc bench --profile` shows each kernel.
#pragma once
#include "compiler/support/isa_level.h"
#include <cstdint>
#include <vector>

namespace graphc::cli {

struct Bandwidth {
  uint64_t bytes;    // of data, gone over again and again
  double read, copy; // GB/s on all threads together; a byte that is copied counts twice
  double best() const { return read > copy ? read : copy; }
};

/// At sizes from the nearest cache to main memory, ascending. Takes about a fifth of a second.
std::vector<Bandwidth> measureBandwidths(const support::IsaLevel &level, unsigned threads);
/// Of data of this size: at the largest measured size that is not larger, so never too low by a slower cache.
const Bandwidth &bandwidthAt(const std::vector<Bandwidth> &measured, uint64_t bytes);

} // namespace graphc::cli
