// Initial values: reproducible, from seed and path alone, of the right distribution, zero where the packing pads.
#include "fake_library.h"
#include "graphc/safetensors.h"
#include <catch2/catch.hpp>
#include <math.h>

using namespace fake;

/// A library whose only random param is large enough for statistics: `scale` becomes [n].
static std::vector<float> draw(uint32_t init, double a, double b, uint64_t seed = 7, const char *path = "big") {
  static const int64_t dims[] = {100000};
  Restore restore;
  params[S] = {path, "", dims, 400000, 1, GRAPHC_F32};
  storage[S] = {640, 400000, GRAPHC_LAYOUT_ROWS, init, a, b, nullptr};
  graphc_library_description.params_bytes = 640 + 400000;
  Session session(seed);
  return session.values(S);
}

static double mean(const std::vector<float> &values) {
  double sum = 0;
  for (float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

static double deviation(const std::vector<float> &values) {
  double center = mean(values), sum = 0;
  for (float value : values) sum += (value - center) * (value - center);
  return sqrt(sum / static_cast<double>(values.size()));
}

TEST_CASE("init: the same seed gives the same bytes, another seed or path others") {
  std::vector<float> first = draw(GRAPHC_INIT_NORMAL, 1, 0);
  CHECK(first == draw(GRAPHC_INIT_NORMAL, 1, 0));
  CHECK(first != draw(GRAPHC_INIT_NORMAL, 1, 0, 8));
  CHECK(first != draw(GRAPHC_INIT_NORMAL, 1, 0, 7, "big2"));
  Session none;
  void *model = nullptr;
  REQUIRE(graphc_abi_model_create(nullptr, &model) == GRAPHC_OK); // null options: seed 0
  Session zero(0);
  CHECK(memcmp(static_cast<char *>(model) + 512, static_cast<char *>(zero.model) + 512, paramsBytes) == 0);
  graphc_abi_model_destroy(model);
}

TEST_CASE("init: neither packing nor order changes the values") {
  std::vector<float> packed, rows;
  {
    Session session;
    packed = session.values(W);
  }
  Restore restore;
  graphc_param_info w = params[W];
  params[W] = params[B];
  params[B] = w;
  storage[W] = {384, 72, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_CONSTANT, 0.25, 0, nullptr};
  storage[B] = {0, 216, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_UNIFORM, -0.5, 0.5, nullptr};
  Session session;
  CHECK(packed == session.values(B));
  CHECK(session.values(W) == std::vector<float>(18, 0.25f));
}

TEST_CASE("init: distributions") {
  std::vector<float> uniform = draw(GRAPHC_INIT_UNIFORM, 1, 2);
  for (float value : uniform) REQUIRE((value >= 1 && value < 2));
  CHECK(mean(uniform) == Approx(1.5).margin(0.005));
  CHECK(deviation(uniform) == Approx(1 / sqrt(12.0)).epsilon(0.01));
  std::vector<float> normal = draw(GRAPHC_INIT_NORMAL, 3, 0);
  CHECK(mean(normal) == Approx(0).margin(0.05));
  CHECK(deviation(normal) == Approx(3).epsilon(0.01));
  std::vector<float> cut = draw(GRAPHC_INIT_TRUNCATED_NORMAL, 3, 0);
  for (float value : cut) REQUIRE(fabsf(value) <= 6);
  CHECK(deviation(cut) == Approx(3 * 0.8796).epsilon(0.01));
  CHECK(draw(GRAPHC_INIT_CONSTANT, -2.5, 0) == std::vector<float>(100000, -2.5f));
}

TEST_CASE("init: what the packing pads is zero") {
  Session session;
  const float *panels = reinterpret_cast<const float *>(static_cast<char *>(session.model) + 512);
  for (int row = 0; row < 3; ++row)
    for (int column = 2; column < 16; ++column) REQUIRE(panels[3 * 16 + row * 16 + column] == 0);
}

TEST_CASE("init: a param without initial value makes calls wait for load") {
  Restore restore;
  storage[B].init = GRAPHC_INIT_NONE;
  Session session;
  CHECK(session.values(B) == std::vector<float>(18, 0));
  float x[6] = {}, y[36];
  CHECK(session.predict(x, 1, y) == GRAPHC_ERR_FORMAT);
  CHECK(session.contextMessage() == "param 'net.b' has no values yet, load a weights file first");
  CHECK(graphc_abi_save(session.model, "never-written") == GRAPHC_ERR_FORMAT);
}

TEST_CASE("init: Philox as published") {
  // Known answer of Philox4x32-10 for counter 0 and key 0, as the paper's library states it: 6627e8d5 e169c58d bc57ac4c
  // 9b00dbd8. A uniform over [0, 1) uses its first 53 bits; element 0, seed 0 and a path whose hash is 0 cannot be had
  // through the ABI, so the generator is compared through a second implementation over the path's own hash.
  uint64_t path = 0xcbf29ce484222325u;
  for (char c : std::string("big")) path = (path ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::vector<float> values = draw(GRAPHC_INIT_UNIFORM, 0, 1, 0x123456789abcdef0u);
  auto philox = [](uint32_t c[4], uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; ++round, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
      uint64_t p0 = 0xd2511f53ull * c[0], p1 = 0xcd9e8d57ull * c[2];
      uint32_t n0 = uint32_t(p1 >> 32) ^ c[1] ^ k0, n2 = uint32_t(p0 >> 32) ^ c[3] ^ k1;
      c[0] = n0, c[1] = uint32_t(p1), c[2] = n2, c[3] = uint32_t(p0);
    }
  };
  uint32_t zero[4] = {0, 0, 0, 0};
  philox(zero, 0, 0);
  CHECK(zero[0] == 0x6627e8d5u);
  CHECK(zero[1] == 0xe169c58du);
  CHECK(zero[2] == 0xbc57ac4cu);
  CHECK(zero[3] == 0x9b00dbd8u);
  for (uint32_t element : {0u, 1u, 99999u}) {
    uint32_t counter[4] = {element, 0, uint32_t(path), uint32_t(path >> 32)};
    philox(counter, 0x9abcdef0u, 0x12345678u);
    double u = double((uint64_t(counter[0]) << 32 | counter[1]) >> 11) / 9007199254740992.0;
    CHECK(values[element] == float(u));
  }
}

TEST_CASE("init: every dtype takes a constant, floats of any width also random values") {
  auto first = [](uint32_t dtype, uint64_t width, uint32_t init, double a, double b) {
    Restore restore;
    params[S] = {"one", "", nullptr, width, 0, dtype};
    storage[S] = {640, width, GRAPHC_LAYOUT_ROWS, init, a, b, nullptr};
    graphc_library_description.params_bytes = 640 + 64;
    Session session;
    uint64_t bits = 0;
    memcpy(&bits, static_cast<char *>(session.model) + GRAPHC_MODEL_HEADER_BYTES + 640, width);
    return bits;
  };
  auto constant = [&](uint32_t dtype, uint64_t width, double a) {
    return first(dtype, width, GRAPHC_INIT_CONSTANT, a, 0);
  };
  CHECK(constant(GRAPHC_F64, 8, 0.1) == 0x3fb999999999999au);
  CHECK(constant(GRAPHC_F16, 2, 1) == 0x3c00);
  CHECK(constant(GRAPHC_F16, 2, -65504) == 0xfbff);
  CHECK(constant(GRAPHC_F16, 2, 65520) == 0x7c00);
  CHECK(constant(GRAPHC_F16, 2, 65519) == 0x7bff);
  CHECK(constant(GRAPHC_F16, 2, 0x1p-24) == 1);
  CHECK(constant(GRAPHC_F16, 2, 0x1.8p-24) == 2); // ties to even
  CHECK(constant(GRAPHC_F16, 2, 0x1p-25) == 0);
  CHECK(constant(GRAPHC_F16, 2, 0x1.ff8p-15) == 0x3ff);
  CHECK(constant(GRAPHC_F16, 2, 1.00048828125) == 0x3c00); // half a step above 1
  CHECK(constant(GRAPHC_BF16, 2, 1) == 0x3f80);
  CHECK(constant(GRAPHC_BF16, 2, 1.00390625) == 0x3f80);
  CHECK(constant(GRAPHC_BF16, 2, 1.01171875) == 0x3f82);
  CHECK(constant(GRAPHC_I8, 1, -128) == 0x80);
  CHECK(constant(GRAPHC_I8, 1, 1000) == 0x7f);
  CHECK(constant(GRAPHC_I16, 2, -2) == 0xfffe);
  CHECK(constant(GRAPHC_I32, 4, 7.9) == 7);
  CHECK(constant(GRAPHC_I64, 8, -1e300) == 0x8000000000000000u);
  CHECK(constant(GRAPHC_U8, 1, 300) == 0xff);
  CHECK(constant(GRAPHC_U16, 2, -3) == 0);
  CHECK(constant(GRAPHC_U32, 4, 4e9) == 4000000000u);
  CHECK(constant(GRAPHC_U64, 8, 0x1.8p63) == 0xc000000000000000u);
  CHECK(constant(GRAPHC_BOOL, 1, 5) == 1);
  for (auto [dtype, width] : {std::pair(GRAPHC_F64, 8), {GRAPHC_F16, 2}, {GRAPHC_BF16, 2}})
    CHECK(first(dtype, width, GRAPHC_INIT_UNIFORM, 1, 2) != 0);
}

TEST_CASE("init: a matrix of any float dtype begins orthogonal, as panels too; identity; values as they are given") {
  auto matrix = [](int64_t rows, int64_t columns, uint32_t layout, uint32_t init, const void *values) {
    static int64_t dims[2];
    Restore restore;
    dims[0] = rows, dims[1] = columns;
    uint64_t count = rows * columns, stored = layout ? (columns + 15) / 16 * 16 * rows * 4 : count * 4;
    params[S] = {"matrix", "", dims, count * 4, 2, GRAPHC_F32};
    storage[S] = {640, stored, layout, init, 0, 0, values};
    graphc_library_description.params_bytes = 640 + (stored + 63) / 64 * 64;
    Session session;
    std::vector<float> block(stored / 4), result(count);
    memcpy(block.data(), static_cast<char *>(session.model) + GRAPHC_MODEL_HEADER_BYTES + 640, stored);
    if (layout)
      graphc_unpack_panels(block.data(), 4, rows, columns, result.data());
    else
      result = block;
    return result;
  };
  for (auto [rows, columns] : {std::pair<int64_t, int64_t>{20, 20}, {7, 33}, {33, 7}, {1, 1}, {1, 5}}) {
    std::vector<float> q = matrix(rows, columns, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_ORTHOGONAL, nullptr);
    CHECK(q == matrix(rows, columns, GRAPHC_LAYOUT_PANELS, GRAPHC_INIT_ORTHOGONAL, nullptr));
    int64_t vectors = std::min(rows, columns), length = std::max(rows, columns);
    for (int64_t i = 0; i < vectors; ++i)
      for (int64_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < length; ++k)
          sum += rows >= columns ? double(q[k * columns + i]) * q[k * columns + j]
                                 : double(q[i * columns + k]) * q[j * columns + k];
        CHECK(std::abs(sum - (i == j)) < 1e-6);
      }
  }
  CHECK(matrix(2, 3, GRAPHC_LAYOUT_PANELS, GRAPHC_INIT_IDENTITY, nullptr) == std::vector<float>{1, 0, 0, 0, 1, 0});
  float given[] = {3, 1, 4, 1, 5, 9};
  CHECK(matrix(2, 3, GRAPHC_LAYOUT_ROWS, GRAPHC_INIT_VALUES, given) == std::vector<float>(given, given + 6));
  CHECK(matrix(3, 2, GRAPHC_LAYOUT_PANELS, GRAPHC_INIT_VALUES, given) == std::vector<float>(given, given + 6));
}
