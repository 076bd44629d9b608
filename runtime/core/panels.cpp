// The packed layout of matrices: panels of GRAPHC_PANEL_COLUMNS columns, k next, so that a kernel reads one panel as a
// stream.
#include "graphc/abi.h"
#include "graphc/safetensors.h"
#include <string.h>

static constexpr int64_t width = GRAPHC_PANEL_COLUMNS;

extern "C" {

void graphc_pack_panels(const float *rows, int64_t k, int64_t n, float *panels) {
  for (int64_t first = 0; first < n; first += width) {
    size_t columns = n - first < width ? n - first : width;
    for (int64_t row = 0; row < k; ++row, panels += width) {
      memcpy(panels, rows + row * n + first, columns * sizeof(float));
      memset(panels + columns, 0, (width - columns) * sizeof(float));
    }
  }
}

void graphc_unpack_panels(const float *panels, int64_t k, int64_t n, float *rows) {
  for (int64_t first = 0; first < n; first += width) {
    size_t columns = n - first < width ? n - first : width;
    for (int64_t row = 0; row < k; ++row, panels += width)
      memcpy(rows + row * n + first, panels, columns * sizeof(float));
  }
}
}
