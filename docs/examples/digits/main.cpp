// Classifies the test digits with the library that graphc made of digits.json, and prints accuracy and images per
// second. usage: digits_demo FOLDER      (the folder that train.py filled; logits.f32 is written there: raw float [360,
// 10]) Everything the network needs is in digits.h and libdigits.a; this file shows the calls in the order a program
// makes them.
#include "digits.h"
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {
constexpr int64_t batch = DIGITS_PREDICT_X_BYTES / (64 * sizeof(float)); // "B" of digits.json

// The payload of a .npy file that numpy wrote (version 1.0, C order); the caller knows its type.
template <typename T> std::vector<T> readNpy(const std::string &path) {
  std::vector<T> values;
  std::FILE *file = std::fopen(path.c_str(), "rb");
  unsigned char head[10];
  if (file && std::fread(head, 1, 10, file) == 10 && std::memcmp(head, "\x93NUMPY\x01", 7) == 0 &&
      std::fseek(file, head[8] | head[9] << 8, SEEK_CUR) == 0) {
    T value;
    while (std::fread(&value, sizeof value, 1, file) == 1) values.push_back(value);
  }
  if (file) std::fclose(file);
  if (values.empty()) std::fprintf(stderr, "digits_demo: cannot read %s (run train.py first)\n", path.c_str());
  return values;
}

int fail(const char *what, graphc_status status, const char *message) {
  std::fprintf(stderr, "digits_demo: %s failed: %s: %s\n", what, digits_status_name(status), message);
  return 1;
}
} // namespace

int main(int argc, char **argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: digits_demo FOLDER\n"), 2;
  const std::string folder = std::string(argv[1]) + "/";
  const auto x = readNpy<float>(folder + "test_x.npy");
  const auto label = readNpy<int32_t>(folder + "test_label.npy");
  const int64_t count = int64_t(label.size());
  if (!count || int64_t(x.size()) != count * 64 || count % batch)
    return std::fprintf(stderr, "digits_demo: the test images are not [n, 64] with n a multiple of %d\n", int(batch)),
           1;

  digits_model *model = nullptr;
  digits_context *context = nullptr;
  if (graphc_status s = digits_model_create(nullptr, &model)) return fail("model_create", s, "");
  if (graphc_status s = digits_context_create(nullptr, &context)) return fail("context_create", s, "");
  if (graphc_status s = digits_load(model, (folder + "weights.safetensors").c_str()))
    return fail("load", s, digits_model_message(model));

  std::vector<int32_t> digit(count);
  std::vector<float> p(count * 10), logits(count * 10);
  auto classifyAll = [&]() -> graphc_status {
    for (int64_t i = 0; i < count; i += batch)
      if (graphc_status s =
              digits_predict(context, model, &x[i * 64], DIGITS_PREDICT_X_BYTES, &digit[i], DIGITS_PREDICT_CLASS_BYTES,
                             &p[i * 10], DIGITS_PREDICT_P_BYTES, &logits[i * 10], DIGITS_PREDICT_LOGITS_BYTES))
        return s;
    return GRAPHC_OK;
  };
  if (graphc_status s = classifyAll()) return fail("predict", s, digits_context_message(context));

  int64_t right = 0, rounds = 0;
  for (int64_t i = 0; i < count; ++i) right += digit[i] == label[i];
  using clock = std::chrono::steady_clock;
  const auto start = clock::now();
  double seconds = 0;
  for (; seconds < 0.3; ++rounds, seconds = std::chrono::duration<double>(clock::now() - start).count()) classifyAll();

  std::FILE *out = std::fopen((folder + "logits.f32").c_str(), "wb");
  const bool written = out && std::fwrite(logits.data(), sizeof(float), logits.size(), out) == logits.size();
  if (!out || std::fclose(out) || !written) return std::fprintf(stderr, "digits_demo: cannot write logits.f32\n"), 1;
  std::printf("graphc: test accuracy %.2f%% (%lld of %lld), %.2f million images per second on one thread\n",
              100.0 * right / count, (long long)right, (long long)count, count * rounds / seconds / 1e6);
  digits_context_destroy(context);
  digits_model_destroy(model);
  return 0;
}
