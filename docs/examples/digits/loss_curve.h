// Draws how the loss fell: one SVG, two lines over the epochs, the loss on a logarithmic axis.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

struct Epoch {
  double trainLoss, testLoss; // mean cross entropy, nats
  double testAccuracy;        // 0..1
};

// False if `path` cannot be written. At least one epoch; losses are positive.
inline bool writeLossCurve(const std::string &path, const std::vector<Epoch> &epochs) {
  const int left = 64, top = 40, width = 560, height = 280;
  double least = epochs[0].trainLoss, most = least;
  for (const Epoch &e : epochs) {
    least = std::min({least, e.trainLoss, e.testLoss});
    most = std::max({most, e.trainLoss, e.testLoss});
  }
  const int bottomDecade = int(std::floor(std::log10(std::max(least, 1e-9))));
  const int topDecade = std::max(bottomDecade + 1, int(std::ceil(std::log10(std::max(most, 1e-9)))));
  auto x = [&](double epoch) { return left + width * epoch / double(std::max<size_t>(epochs.size(), 2)); };
  auto y = [&](double loss) {
    const double share = (std::log10(std::max(loss, 1e-9)) - bottomDecade) / (topDecade - bottomDecade);
    return top + height * (1 - share);
  };
  std::FILE *out = std::fopen(path.c_str(), "w");
  if (!out) return false;
  std::fprintf(
      out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
      "<text x=\"%d\" y=\"22\" font-size=\"15\">Digits: cross entropy, test accuracy %.2f%% at the end</text>\n",
      left + width + 90, top + height + 56, left, 100 * epochs.back().testAccuracy);
  for (int decade = bottomDecade; decade <= topDecade; ++decade) {
    const double at = y(std::pow(10, decade));
    std::fprintf(out,
                 "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                 "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
                 left, left + width, at, at, left - 8, at + 4, std::pow(10, decade));
  }
  const size_t mark = std::max<size_t>(1, epochs.size() / 6);
  for (size_t epoch = 0; epoch <= epochs.size(); epoch += mark)
    std::fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%zu</text>\n", x(double(epoch)),
                 top + height + 20, epoch);
  std::fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">epoch</text>\n", left + width / 2,
               top + height + 42);
  auto line = [&](const char *name, const char *colour, double Epoch::*loss) {
    std::fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colour);
    for (size_t i = 0; i < epochs.size(); ++i) std::fprintf(out, "%.1f,%.1f ", x(double(i + 1)), y(epochs[i].*loss));
    std::fprintf(out, "\"/>\n<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>\n", x(double(epochs.size())) + 8,
                 y(epochs.back().*loss) + 4, colour, name);
  };
  line("training", "#1f77b4", &Epoch::trainLoss);
  line("test", "#d62728", &Epoch::testLoss);
  std::fprintf(out, "</svg>\n");
  return std::fclose(out) == 0;
}
