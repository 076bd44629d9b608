// Dims of one call from options and shapes: what binds, what is compared, and the sentences of what does not fit.
//   f(B 2..64 by 2, T 0..100, N 1..4; x f32[B,T], y f32[2*B,3], z f32[N + 1])
#include "tools/graphc/bind_dims.h"
#include "llvm/Support/raw_ostream.h"
#include <catch2/catch.hpp>
#include <unistd.h>

using namespace graphc::cli;

namespace {

const graphc_size_step stepsB[] = {{GRAPHC_SIZE_DIM, 0, 0}}, stepsT[] = {{GRAPHC_SIZE_DIM, 0, 1}},
                       steps3[] = {{GRAPHC_SIZE_NUMBER, 0, 3}};
const graphc_size_step steps2B[] = {{GRAPHC_SIZE_NUMBER, 0, 2}, {GRAPHC_SIZE_DIM, 0, 0}, {GRAPHC_SIZE_MUL, 0, 0}};
const graphc_size_step stepsN1[] = {{GRAPHC_SIZE_DIM, 0, 2}, {GRAPHC_SIZE_NUMBER, 0, 1}, {GRAPHC_SIZE_ADD, 0, 0}};
const graphc_size sizesX[] = {{stepsB, 1}, {stepsT, 1}}, sizesY[] = {{steps2B, 3}, {steps3, 1}},
                  sizesZ[] = {{stepsN1, 3}};
const int64_t dimsX[] = {-1, -1}, dimsY[] = {-1, 3}, dimsZ[] = {-1};
const graphc_tensor_info args[] = {{"x", "", dimsX, sizesX, 0, 2, GRAPHC_F32, GRAPHC_INPUT, 0},
                                   {"y", "", dimsY, sizesY, 0, 2, GRAPHC_F32, GRAPHC_INPUT, 0},
                                   {"z", "", dimsZ, sizesZ, 0, 1, GRAPHC_F32, GRAPHC_INPUT, 0}};
const graphc_dim_info dims[] = {{"B", "", 2, 64, 2}, {"T", "", 0, 100, 1}, {"N", "", 1, 4, 1}};

graphc_entry_info makeEntry() {
  graphc_entry_info entry = {};
  entry.name = "f";
  entry.args = args;
  entry.arg_count = 3;
  entry.dims = dims;
  entry.dim_count = 3;
  return entry;
}
const graphc_entry_info entry = makeEntry();

/// What `action` prints on stderr, after its exit code: "1 graphc: error: ...".
template <typename Action> std::string outcome(Action action) {
  int pipes[2], before = dup(2);
  REQUIRE(pipe(pipes) == 0);
  dup2(pipes[1], 2);
  int exitCode = action();
  llvm::errs().flush();
  dup2(before, 2);
  close(before);
  close(pipes[1]);
  char text[4096];
  ssize_t length = read(pipes[0], text, sizeof text);
  close(pipes[0]);
  std::string message(text, static_cast<size_t>(std::max<ssize_t>(length, 0)));
  llvm::StringRef trimmed = llvm::StringRef(message).trim();
  trimmed.consume_front("graphc: error: ");
  return std::to_string(exitCode) + (trimmed.empty() ? "" : " ") + trimmed.str();
}

std::string run(std::vector<std::string> options, std::vector<InputShape> shapes,
                std::vector<int64_t> *values = nullptr) {
  return outcome([&] {
    BoundDims bound(entry);
    if (int exitCode = bound.bindOptions(options)) return exitCode;
    if (int exitCode = bound.bindShapes(shapes)) return exitCode;
    if (int exitCode = bound.requireAll()) return exitCode;
    if (values) *values = bound.values();
    return 0;
  });
}

std::vector<InputShape> shapes(std::vector<int64_t> x, std::vector<int64_t> y, std::vector<int64_t> z) {
  return {{0, "'x.npy'", std::move(x)}, {1, "'y.npy'", std::move(y)}, {2, "'z.npy'", std::move(z)}};
}

} // namespace

TEST_CASE("shapes bind dims, options the rest") {
  std::vector<int64_t> values;
  CHECK(run({"N=3"}, shapes({4, 0}, {8, 3}, {4}), &values) == "0");
  CHECK(values == std::vector<int64_t>{4, 0, 3});
  CHECK(run({"B=4", "N=3"}, shapes({4, 0}, {8, 3}, {4})) == "0");
  CHECK(run({}, shapes({4, 0}, {8, 3}, {4})) == "2 no input is 'N' alone on an axis: give the dim with '--dim N=8'");
}

TEST_CASE("what does not fit says file, axis, wanted and got") {
  CHECK(run({"N=3"}, shapes({4, 7}, {9, 3}, {4})) ==
        "1 axis 0 of 'y.npy' is 9, but input 'y' is f32[2*B, 3] and wants 8 "
        "with B = 4, T = 7, N = 3");
  CHECK(run({"N=3"}, shapes({4, 7}, {8, 2}, {4}))
            .find("1 axis 1 of 'y.npy' is 2, but input 'y' is f32[2*B, 3] and "
                  "wants 3") == 0);
  CHECK(run({"N=2"}, shapes({4, 7}, {8, 3}, {4}))
            .find("1 axis 0 of 'z.npy' is 4, but input 'z' is f32[N + 1] and wants "
                  "3") == 0);
  CHECK(run({"B=6"}, shapes({4, 7}, {8, 3}, {4})) == "1 axis 0 of 'x.npy' is 4, but dim 'B' is 6 by '--dim B=6'");
  CHECK(run({}, shapes({5, 7}, {8, 3}, {4})) == "1 axis 0 of 'x.npy' is 5, but dim 'B' must be a multiple of 2");
  CHECK(run({}, shapes({66, 7}, {8, 3}, {4})) == "1 axis 0 of 'x.npy' is 66, but dim 'B' must be at most 64");
}

TEST_CASE("wrong --dim options are usage errors") {
  CHECK(run({"C=3"}, {}).find("2 entry 'f' has no dim 'C' (B, T, N)") == 0);
  CHECK(run({"B"}, {}) == "2 '--dim B' is no dim with a number: '--dim B=8' is meant");
  CHECK(run({"B=x"}, {}) == "2 '--dim B=x' is no dim with a number: '--dim B=8' is meant");
  CHECK(run({"B=99999999999999999999"}, {}).find("2 ") == 0);
  CHECK(run({"B=0"}, {}) == "2 '--dim B=0': dim 'B' must be at least 2");
  CHECK(run({"B=2", "B=2"}, {}) == "2 dim 'B' is given twice");
}

TEST_CASE("bench takes 1, or the least above it that is allowed") {
  BoundDims bound(entry);
  REQUIRE(bound.bindOptions({"N=4"}) == 0);
  CHECK(bound.bindRest() == "B=2 T=1 N=4");
  CHECK(bound.values() == std::vector<int64_t>{2, 1, 4});
  CHECK(bound.shape(args[1]) == std::vector<int64_t>{4, 3});
}

TEST_CASE("bytes and counts are checked") {
  CHECK(tensorBytes(GRAPHC_F32, {2, 3}) == 24);
  CHECK(tensorBytes(GRAPHC_F32, {int64_t(1) << 61, 0}) == 0);
  CHECK_FALSE(tensorBytes(GRAPHC_F32, {int64_t(1) << 40, int64_t(1) << 40}));
  CHECK(countOf(5, {nullptr, 0}, {8}) == 5);
  CHECK(countOf(5, {steps2B, 3}, {8}) == 16);
  CHECK(describeArgument(entry, args[1]) == "f32[2*B, 3]");
}
