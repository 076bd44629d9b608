// Where the elements of a matrix lie in its panels (GRAPHC_LAYOUT_PANELS), and the one copy between them and rows that
// loading, saving and packing share.
#pragma once
#include "graphc/abi.h"

namespace graphc::runtime {

struct Panels {
  uint64_t rows, columns;
  uint32_t bytes; // of an element: 1, 2 or 4

  uint32_t groupBits() const { return GRAPHC_PANEL_GROUP / 2 / bytes; } // log2 of the elements in a group
  uint64_t positionOf(uint64_t row, uint64_t column) const {
    uint64_t bits = groupBits(), group = uint64_t(1) << bits, groups = (rows + group - 1) >> bits;
    uint64_t at = (column / GRAPHC_PANEL_COLUMNS * groups + (row >> bits)) * GRAPHC_PANEL_COLUMNS;
    return ((at + column % GRAPHC_PANEL_COLUMNS) << bits) + (row & (group - 1));
  }
};

/// Copies `count` elements from `elements`, which continue in row-major order from element `first` on, to the panels at
/// `stored`, or, unless `pack`, from there to them. What is read is not changed.
void copyPanels(const Panels &panels, const void *elements, uint64_t first, uint64_t count, const void *stored,
                bool pack);

} // namespace graphc::runtime
