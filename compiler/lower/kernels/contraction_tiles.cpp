// Tiles of equal height waste least: a low last tile has too few accumulators to hide the latency of fma.
#include "compiler/lower/kernels/contraction_tiles.h"
#include <algorithm>
#include <cstdint>

using namespace graphc;
using lower::RowTiles;

RowTiles lower::rowTiles(const support::IsaLevel &level, std::optional<int64_t> rows, bool joinsGroups) {
  int64_t most = level.tileRows;
  if (!rows || *rows < 1) {
    RowTiles ladder{{most}};
    for (int64_t height : {8, 4, 2, 1})
      if (height < ladder.heights.back()) ladder.heights.push_back(height);
    return ladder;
  }
  if (*rows <= most) return {{*rows}, joinsGroups ? most / *rows : 1};
  auto cost = [&](int64_t height) { // in half rows: a low tile takes as long as one of half the height, each a bit more
    int64_t rest = *rows % height;
    return (*rows / height) * (2 * height + 1) + (rest ? std::max(2 * rest, most) + 1 : 0);
  };
  int64_t best = most;
  for (int64_t height = most - 1; height > most / 2; --height)
    if (cost(height) < cost(best)) best = height;
  RowTiles result{{best}};
  if (*rows % best) result.heights.push_back(*rows % best);
  return result;
}
