// Trains and uses the network of digits.json, by the library that graphc made of it:
//   digits_demo train FOLDER [SEED]     60 epochs over train_*.npy; writes FOLDER/digits.safetensors and
//   FOLDER/loss.svg digits_demo classify FOLDER         another process: loads digits.safetensors, classifies
//   test_*.npy, writes logits.f32
// Everything that the network needs, forward, backward and optimizer, is in digits.h and libdigits.a; this file shows
// the calls in the order in which a program makes them.
#include "digits.h"
#include "loss_curve.h"
#include "npy.h"
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <random>
#include <unistd.h>

namespace {
constexpr int epochCount = 60;
constexpr int64_t pixels = 64, classes = 10, batch = 32;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Images {
  std::vector<float> x;       // [count, pixels], 0..1
  std::vector<int32_t> label; // [count]
  int64_t count = 0;          // 0: they could not be read

  Images(const std::string &folder, const std::string &part) {
    x = readNpy<float>(folder + part + "_x.npy");
    label = readNpy<int32_t>(folder + part + "_label.npy");
    if (int64_t(x.size()) == int64_t(label.size()) * pixels)
      count = int64_t(label.size());
    else
      std::fprintf(stderr, "digits_demo: %s_x.npy is not [n, 64] for the n labels\n", part.c_str());
  }
};

// A model and a context that live as long as this.
struct Digits {
  digits_model *model = nullptr;
  digits_context *context = nullptr;

  explicit Digits(uint64_t seed) {
    graphc_options options = {};
    options.size = sizeof options;
    options.seed = seed; // of the initial weights
    if (graphc_status s = digits_model_create(&options, &model)) fail("model_create", s, "");
    if (graphc_status s = digits_context_create(nullptr, &context)) fail("context_create", s, "");
  }
  Digits(const Digits &) = delete;
  ~Digits() {
    digits_context_destroy(context);
    digits_model_destroy(model);
  }

  [[noreturn]] static void fail(const char *call, graphc_status status, const char *message) {
    std::fprintf(stderr, "digits_demo: %s failed: %s: %s\n", call, digits_status_name(status), message);
    std::exit(1);
  }
  void check(const char *call, graphc_status status) const {
    if (status) fail(call, status, digits_context_message(context));
  }
};

// Loss and accuracy on all images of `images`.
void evaluate(Digits &digits, const Images &images, Epoch &result) {
  double loss = 0, accuracy = 0;
  for (int64_t i = 0, n; i < images.count; i += n) {
    n = std::min<int64_t>(DIGITS_B_MAX, images.count - i);
    float partLoss, partAccuracy;
    digits.check("loss", digits_loss(digits.context, digits.model, n, &images.x[i * pixels], n * pixels * sizeof(float),
                                     &images.label[i], n * sizeof(int32_t), &partLoss, &partAccuracy));
    loss += double(partLoss) * n;
    accuracy += double(partAccuracy) * n;
  }
  result.testLoss = loss / images.count;
  result.testAccuracy = accuracy / images.count;
}

int train(const std::string &folder, uint64_t seed) {
  const Images images(folder, "train"), test(folder, "test");
  if (!images.count || !test.count) return 1;
  Digits digits(seed);
  std::mt19937_64 random(seed);
  std::vector<int64_t> order(images.count);
  std::iota(order.begin(), order.end(), 0);
  std::vector<float> x(batch * pixels);
  std::vector<int32_t> label(batch);
  std::vector<Epoch> epochs;
  const bool terminal = isatty(STDOUT_FILENO);
  double seconds = 0; // in train_step alone
  int64_t steps = 0;
  for (int epoch = 1; epoch <= epochCount; ++epoch) {
    for (int64_t i = images.count - 1; i > 0; --i) std::swap(order[i], order[random() % uint64_t(i + 1)]);
    Epoch result = {};
    for (int64_t begin = 0, n; begin < images.count; begin += n) {
      n = std::min(batch, images.count - begin); // the last batch may be smaller: B is a dim with a name
      for (int64_t i = 0; i < n; ++i) {
        std::copy_n(&images.x[order[begin + i] * pixels], pixels, &x[i * pixels]);
        label[i] = images.label[order[begin + i]];
      }
      float loss, accuracy;
      const auto start = Clock::now();
      digits.check("train_step",
                   digits_train_step(digits.context, digits.model, n, x.data(), n * pixels * sizeof(float),
                                     label.data(), n * sizeof(int32_t), &loss, &accuracy));
      seconds += secondsSince(start);
      ++steps;
      result.trainLoss += double(loss) * n / images.count;
    }
    evaluate(digits, test, result);
    epochs.push_back(result);
    if (terminal || epoch % 10 == 0)
      std::printf("%sepoch %2d of %d: loss %.4f, test loss %.4f, test accuracy %.2f%%%s", terminal ? "\r" : "", epoch,
                  epochCount, result.trainLoss, result.testLoss, 100 * result.testAccuracy, terminal ? "" : "\n");
    std::fflush(stdout);
  }
  if (graphc_status s = digits_save(digits.model, (folder + "digits.safetensors").c_str()))
    Digits::fail("save", s, digits_model_message(digits.model));
  if (!writeLossCurve(folder + "loss.svg", epochs))
    return std::fprintf(stderr, "digits_demo: cannot write loss.svg\n"), 1;
  std::printf("%strained: %lld steps, %.1f us each on one thread; %sdigits.safetensors, %sloss.svg\n",
              terminal ? "\n" : "", (long long)steps, 1e6 * seconds / steps, folder.c_str(), folder.c_str());
  return 0;
}

int classify(const std::string &folder) {
  const Images test(folder, "test");
  if (!test.count) return 1;
  Digits digits(0);
  if (graphc_status s = digits_load(digits.model, (folder + "digits.safetensors").c_str()))
    Digits::fail("load", s, digits_model_message(digits.model));
  std::vector<int32_t> digit(test.count);
  std::vector<float> p(test.count * classes), logits(test.count * classes);
  auto classifyAll = [&] {
    for (int64_t i = 0, n; i < test.count; i += n) {
      n = std::min<int64_t>(DIGITS_B_MAX, test.count - i);
      digits.check("predict",
                   digits_predict(digits.context, digits.model, n, &test.x[i * pixels], n * pixels * sizeof(float),
                                  &digit[i], n * sizeof(int32_t), &p[i * classes], n * classes * sizeof(float),
                                  &logits[i * classes], n * classes * sizeof(float)));
    }
  };
  int64_t rounds = 0;
  const auto start = Clock::now();
  for (; rounds == 0 || secondsSince(start) < 0.3; ++rounds) classifyAll();
  const double seconds = secondsSince(start);
  int64_t right = 0;
  for (int64_t i = 0; i < test.count; ++i) right += digit[i] == test.label[i];
  std::FILE *out = std::fopen((folder + "logits.f32").c_str(), "wb");
  const bool written = out && std::fwrite(logits.data(), sizeof(float), logits.size(), out) == logits.size();
  if (!out || std::fclose(out) || !written) return std::fprintf(stderr, "digits_demo: cannot write logits.f32\n"), 1;
  std::printf("classified: test accuracy %.2f%% (%lld of %lld), %.2f million images per second on one thread\n",
              100.0 * right / test.count, (long long)right, (long long)test.count, test.count * rounds / seconds / 1e6);
  return 0;
}
} // namespace

int main(int argc, char **argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (argc == 3 && command == "classify") return classify(std::string(argv[2]) + "/");
  char *end = nullptr;
  const uint64_t seed = argc == 4 ? std::strtoull(argv[3], &end, 10) : 0;
  if (command == "train" && (argc == 3 || (argc == 4 && end != argv[3] && !*end)))
    return train(std::string(argv[2]) + "/", seed);
  return std::fprintf(stderr, "usage: digits_demo train FOLDER [SEED]\n       digits_demo classify FOLDER\n"), 2;
}
