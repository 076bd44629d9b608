// How the rows of a contraction are cut into register tiles.
#pragma once
#include "compiler/support/isa_level.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace graphc::lower {

/// The cut of M rows: `heights` in the order in which they are used, each as often as it fits; `groups` g's side by
/// side in one tile where their rows are fewer than a tile holds.
struct RowTiles {
  llvm::SmallVector<int64_t> heights;
  int64_t groups = 1;
};

/// `rows`: M where every call has the same, else every M is served, by a ladder of heights. `joinsGroups`: a tile may
/// take rows of several g.
RowTiles rowTiles(const support::IsaLevel &level, std::optional<int64_t> rows, bool joinsGroups);

} // namespace graphc::lower
