// The packed layout of matrices: panels of 16 columns, k next, so that a kernel reads one panel as a stream. Runs of
// one row inside one panel are memory of their own where an element fills its group; else elements go one by one.
#include "core/panels.h"
#include "graphc/safetensors.h"
#include <string.h>

using namespace graphc::runtime;

void graphc::runtime::copyPanels(const Panels &panels, const void *elements, uint64_t first, uint64_t count,
                                 const void *stored, bool pack) {
  uint64_t bytes = panels.bytes;
  char *inRow = static_cast<char *>(const_cast<void *>(elements)),
       *all = static_cast<char *>(const_cast<void *>(stored));
  for (uint64_t end = first + count; first < end;) {
    uint64_t column = first % panels.columns, run = 1;
    if (panels.groupBits() == 0) {
      run = GRAPHC_PANEL_COLUMNS - column % GRAPHC_PANEL_COLUMNS;
      if (run > panels.columns - column) run = panels.columns - column;
      if (run > end - first) run = end - first;
    }
    char *inPanel = all + panels.positionOf(first / panels.columns, column) * bytes;
    memcpy(pack ? inPanel : inRow, pack ? inRow : inPanel, run * bytes);
    inRow += run * bytes;
    first += run;
  }
}

extern "C" {

void graphc_pack_panels(const void *rows, uint32_t element_bytes, int64_t k, int64_t n, void *panels) {
  Panels shape = {static_cast<uint64_t>(k), static_cast<uint64_t>(n), element_bytes};
  uint64_t width = GRAPHC_PANEL_COLUMNS, whole = (shape.columns + width - 1) / width * width;
  uint64_t stored = shape.positionOf(0, whole) * element_bytes;
  if (stored) memset(panels, 0, stored);
  copyPanels(shape, rows, 0, shape.rows * shape.columns, panels, true);
}

void graphc_unpack_panels(const void *panels, uint32_t element_bytes, int64_t k, int64_t n, void *rows) {
  Panels shape = {static_cast<uint64_t>(k), static_cast<uint64_t>(n), element_bytes};
  copyPanels(shape, rows, 0, shape.rows * shape.columns, panels, false);
}
}
