// Random numbers: Philox against the vectors of its authors (Random123, kat_vectors), the quantile of the normal
// distribution against erfc, and statistics at fixed keys, so that what passes once passes always.
#include "dialects/graph/random_numbers.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

using namespace graphc::graph;
using Words = std::array<uint32_t, 4>;

namespace {
constexpr int64_t count = 200000;

std::vector<double> normals(uint64_t key, DrawnBits bits) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(normalOf(drawBits(key, uint64_t(i), bits), bits));
  return values;
}
double mean(const std::vector<double> &values, int power, double about = 0) {
  double sum = 0;
  for (double value : values) sum += std::pow(value - about, power);
  return sum / double(values.size());
}
/// Distance of Kolmogorov and Smirnov times the root of n: above 1.95 with probability 0.001.
double distance(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double most = 0, n = double(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    double p = std::erfc(-values[i] / std::sqrt(2.0)) / 2;
    most = std::max({most, double(i + 1) / n - p, p - double(i) / n});
  }
  return most * std::sqrt(n);
}
double chiSquare(const std::vector<int64_t> &seen, const std::vector<double> &expected) {
  double sum = 0;
  for (size_t i = 0; i < seen.size(); ++i)
    sum += (double(seen[i]) - expected[i]) * (double(seen[i]) - expected[i]) / expected[i];
  return sum;
}
} // namespace

TEST_CASE("Philox 4x32-10: the known answers of its authors") {
  CHECK(philox(0, {0, 0, 0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox(~uint64_t(0), {~0u, ~0u, ~0u, ~0u}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox(0x299f31d0a4093822, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("elements take the words of a block in order, and a folded key is another stream") {
  uint64_t key = 0x0123456789abcdef;
  Words first = philox(key, {0, 0, 0, 0}), second = philox(key, {1, 0, 0, 0}), far = philox(key, {0, 1, 0, 0});
  for (uint64_t i = 0; i < 4; ++i) {
    CHECK(drawBits(key, i, DrawnBits::Word) == first[i]);
    CHECK(drawBits(key, 4 + i, DrawnBits::Word) == second[i]);
    CHECK(drawBits(key, (uint64_t(4) << 32) + i, DrawnBits::Word) == far[i]);
  }
  CHECK(drawBits(key, 3, DrawnBits::Pair) == (uint64_t(second[3]) << 32 | second[2]));
  Words folded = philox(key, {5, 0, 1, 0});
  CHECK(foldKey(key, 5) == (uint64_t(folded[1]) << 32 | folded[0]));
  std::set<uint64_t> keys;
  for (uint64_t i = 0; i < 1000; ++i) keys.insert({foldKey(key, i), foldKey(i, key), foldKey(key + i + 1, 0)});
  CHECK(keys.size() == 3000);
}

TEST_CASE("normals are quantiles: erfc finds the probability again") {
  double worst = 0;
  for (uint64_t step = 0; step < 4000; ++step) {
    uint64_t k = step < 200 ? step : step < 400 ? (uint64_t(1) << 52) - 1 - (step - 200) : step * 0x4189374bc6a7f;
    k &= (uint64_t(1) << 52) - 1;
    long double x = normalOf(k << 12, DrawnBits::Pair), p = (static_cast<long double>(k) + 0.5L) * 0x1p-52L;
    long double tail = std::min(p, 1 - p), found = std::erfc(std::fabs(x) / std::sqrt(2.0L)) / 2;
    worst = std::max(worst, double(std::fabs(found - tail) / tail)); // d ln p = about x dx in the tails
    CHECK((x < 0) == (p < 0.5L));
  }
  CHECK(worst < 1e-13);
  CHECK(normalOf(0, DrawnBits::Word) == -normalOf(0xffffffff, DrawnBits::Word));
  CHECK(normalOf(0, DrawnBits::Word) == Approx(-6.3379).margin(1e-3));
}

TEST_CASE("normals: mean, variance, kurtosis, distribution, and no correlation with neighbours or other keys") {
  for (DrawnBits bits : {DrawnBits::Word, DrawnBits::Pair}) {
    std::vector<double> x = normals(1, bits), other = normals(foldKey(1, 1), bits);
    double root = std::sqrt(double(count)), near = 0, across = 0;
    CHECK(std::fabs(mean(x, 1)) < 4 / root);
    CHECK(std::fabs(mean(x, 2) - 1) < 4 * std::sqrt(2.0) / root);
    CHECK(std::fabs(mean(x, 4) - 3) < 4 * std::sqrt(96.0) / root);
    CHECK(distance(x) < 1.95);
    for (size_t i = 0; i + 1 < x.size(); ++i) {
      near += x[i] * x[i + 1];
      across += x[i] * other[i];
    }
    CHECK(std::fabs(near) < 4 * root);
    CHECK(std::fabs(across) < 4 * root);
  }
}

TEST_CASE("words and the upper bits of pairs are uniform") {
  std::vector<int64_t> words(256), low(256), pairs(256);
  for (int64_t i = 0; i < count; ++i) {
    uint64_t word = drawBits(99, uint64_t(i), DrawnBits::Word);
    ++words[word >> 24];
    ++low[word >> 8 & 255];
    ++pairs[drawBits(99, uint64_t(i), DrawnBits::Pair) >> 56];
  }
  std::vector<double> expected(256, double(count) / 256);
  for (const std::vector<int64_t> &seen : {words, low, pairs}) CHECK(chiSquare(seen, expected) < 330); // 0.001
}

TEST_CASE("the largest of logit + gumbel is a draw from softmax") {
  const std::vector<double> logits = {0, 1, -2, 0.5, 3};
  std::vector<double> expected;
  double total = 0;
  for (double logit : logits) total += std::exp(logit);
  for (double logit : logits) expected.push_back(double(count) * std::exp(logit) / total);
  std::vector<int64_t> seen(logits.size());
  for (int64_t row = 0; row < count; ++row) {
    size_t best = 0;
    double most = -1e300;
    for (size_t c = 0; c < logits.size(); ++c) {
      double sum = logits[c] + gumbelOf(drawBits(5, uint64_t(row) * logits.size() + c, DrawnBits::Pair));
      if (sum > most) most = sum, best = c;
    }
    ++seen[best];
  }
  CHECK(chiSquare(seen, expected) < 18.5); // 4 degrees of freedom, 0.001
}
