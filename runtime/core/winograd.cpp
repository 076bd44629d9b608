// 3x3 filters as F(4x4, 3x3) multiplies by them (Lavin and Gray, arXiv 1509.09308): G g G^T per channel and filter, 36
// matrices in panels. In double, so that each entry is rounded once.
#include "graphc/abi.h"
#include "graphc/safetensors.h"

static constexpr int64_t width = GRAPHC_PANEL_COLUMNS;

/// G times three numbers that lie `step` apart.
static void transform(const double *from, int step, double *to, int toStep) {
  double a = from[0], b = from[step], c = from[2 * step];
  double outer = (a + c) / 6, middle = b / 6, far = a / 24 + c / 6, half = b / 12;
  to[0] = a / 4;
  to[toStep] = -outer - middle;
  to[2 * toStep] = middle - outer;
  to[3 * toStep] = far + half;
  to[4 * toStep] = far - half;
  to[5 * toStep] = c;
}

extern "C" void graphc_winograd_filters(const float *rows, int64_t channels, int64_t filters, float *panels) {
  int64_t all = channels * filters, stored = (filters + width - 1) / width * channels * width;
  for (int64_t first = 0; first < filters; first += width)
    for (int64_t channel = 0; channel < channels; ++channel, panels += width)
      for (int64_t lane = 0; lane < width; ++lane) {
        double g[9], half[18], whole[36];
        for (int tap = 0; tap < 9; ++tap)
          g[tap] = first + lane < filters ? rows[tap * all + channel * filters + first + lane] : 0;
        for (int column = 0; column < 3; ++column) transform(g + column, 3, half + column, 3);
        for (int row = 0; row < 6; ++row) transform(half + 3 * row, 1, whole + 6 * row, 1);
        for (int i = 0; i < 36; ++i) panels[i * stored + lane] = static_cast<float>(whole[i]);
      }
}
