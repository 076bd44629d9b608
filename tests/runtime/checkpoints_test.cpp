// The rule of online checkpoints: each turn is reversed once, last first, from a state that was really kept, and the
// number of evaluations stays near that of the offline optimum, which knows the number of turns beforehand.
#include "graphc/checkpoints.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

namespace {

constexpr int64_t nothing = -1;

/// Runs the loop forward: by row, the turn whose state lies there.
std::vector<int64_t> runForward(int64_t turns, int64_t rows) {
  std::vector<int64_t> kept(rows, nothing);
  for (int64_t turn = 0; turn < turns; ++turn) {
    int64_t row = graphc_checkpoint_row(turn, rows);
    if (row < 0) continue;
    REQUIRE(row < rows);
    if (row == rows / 2 && turn >= rows)
      for (int64_t k = 1; k < rows / 2; ++k) kept[k] = kept[2 * k];
    kept[row] = turn;
  }
  return kept;
}

struct Count {
  int64_t evaluations = 0; // of the body, forward and again
  int64_t mostSlots = 0;
};

/// The way back, with every state checked. Without `kept`: the rows hold what the rule says.
Count runBackward(int64_t turns, int64_t rows, int64_t slots, int64_t tape,
                  const std::vector<int64_t> *kept = nullptr) {
  std::vector<int64_t> words(sizeof(graphc_replay) / sizeof(int64_t) + slots);
  auto *replay = reinterpret_cast<graphc_replay *>(words.data());
  graphc_replay_begin(replay, turns, rows, slots, tape);
  std::vector<int64_t> inSlots(slots, nothing);
  int64_t left = turns;
  Count count;
  count.evaluations = turns;
  while (graphc_replay_next(replay)) {
    bool isRow = replay->source >= 0;
    if (kept && isRow) REQUIRE((*kept)[replay->source] == replay->from);
    if (!isRow) REQUIRE(inSlots[~replay->source] == replay->from);
    REQUIRE(replay->from <= replay->to);
    count.evaluations += replay->to - replay->from;
    if (replay->keep >= 0) {
      REQUIRE(replay->keep < slots);
      REQUIRE(replay->to > replay->from);
      inSlots[replay->keep] = replay->to;
      count.mostSlots = std::max(count.mostSlots, replay->keep + 1);
      continue;
    }
    REQUIRE(replay->until == left);
    REQUIRE(replay->until > replay->to);
    REQUIRE(replay->until - replay->to <= tape);
    count.evaluations += replay->until - replay->to;
    left = replay->to;
  }
  REQUIRE(left == 0);
  return count;
}

/// Of the best schedule for a known number of turns with the same memory: `states` and a tape. Pieces of `tape` turns,
/// P = t N - C(states + t, states + 1) of them beside the first (Griewank and Walther).
double offline(int64_t turns, int64_t states, int64_t tape) {
  double pieces = double((turns + tape - 1) / tape), reach = 1, sum = 0, t = 0;
  while (reach < pieces) {
    sum += reach; // C(states + 0, 0) + ... + C(states + t - 1, t - 1) = C(states + t, t - 1)
    ++t;
    reach = reach * (double(states) + t) / t;
  }
  return double(turns) + double(tape) * (t * pieces - sum);
}

std::vector<int64_t> manyTurns() {
  std::vector<int64_t> all;
  uint64_t state = 7;
  for (double size = 2; size < 1e6; size *= 1.03) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    all.push_back(int64_t(size * (1 + double(state >> 40) / (1 << 24) * 0.03)));
  }
  for (int64_t power = 64; power <= 1 << 19; power *= 2)
    for (int64_t near : {power - 1, power, power + 1, power * 3 / 2, power / 64 * 48 + 1}) all.push_back(near);
  return all;
}

} // namespace

TEST_CASE("rows hold the states that the way back expects") {
  for (int64_t rows : {2, 6, 12, 48})
    for (int64_t turns = 0; turns < 700; ++turns) {
      std::vector<int64_t> kept = runForward(turns, rows);
      runBackward(turns, rows, 4, 5, &kept);
      runBackward(turns, rows, 1, 1, &kept);
    }
  for (int64_t turns : {3071, 3072, 3073, 100000, 999999}) {
    std::vector<int64_t> kept = runForward(turns, 48);
    runBackward(turns, 48, 16, 64, &kept);
  }
}

TEST_CASE("one evaluation more as long as a segment fits the tape, and no slot") {
  for (int64_t turns : {0, 1, 48, 64, 65, 1000, 3071, 3072}) {
    Count count = runBackward(turns, 48, 16, 64);
    CHECK(count.evaluations == 2 * turns);
    CHECK(count.mostSlots == 0);
  }
  CHECK(runBackward(3073, 48, 16, 64).evaluations > 2 * 3073);
}

TEST_CASE("the binomial schedule is optimal") {
  // One row, so that the whole loop is one segment: its evaluations but the first run's are the optimum of P's formula.
  for (int64_t slots : {1, 2, 3, 7, 20})
    for (int64_t tape : {1, 3})
      for (int64_t pieces = 1; pieces < 400; ++pieces) {
        int64_t turns = pieces * tape, ahead = turns;
        CHECK(double(runBackward(turns, turns, slots, tape).evaluations - ahead) == double(turns)); // rows enough
        std::vector<int64_t> words(sizeof(graphc_replay) / sizeof(int64_t) + slots);
        auto *replay = reinterpret_cast<graphc_replay *>(words.data());
        graphc_replay_begin(replay, turns, 1, slots, tape);
        int64_t evaluations = 0;
        while (graphc_replay_next(replay))
          evaluations += (replay->keep < 0 ? replay->until : replay->to) - replay->from;
        CHECK(double(evaluations) == offline(turns, slots + 1, tape));
      }
}

TEST_CASE("a million turns in 64 states") {
  Count count = runBackward(1000000, 48, 16, 64);
  CHECK(count.mostSlots <= 16);
  CHECK(double(count.evaluations) <= 1.35 * offline(1000000, 64, 64));
  CHECK(double(count.evaluations) <= offline(1000000, 64, 1)); // without a tape even the optimum is above it
}

TEST_CASE("evaluations beside the offline optimum of the same memory") {
  struct Memory {
    int64_t rows, slots;
    double worst, mean; // measured, rounded up
  };
  // With 64 states each loop longer than rows * tape; shorter ones are evaluated twice where the optimum, which knows
  // their end, can be as low as once.
  for (Memory memory : {Memory{48, 16, 1.27, 1.13}, {20, 12, 1.29, 1.16}, {8, 8, 1.40, 1.19}, {4, 4, 1.46, 1.27}}) {
    double worst = 0, sum = 0, all = 0;
    for (int64_t turns : manyTurns()) {
      double best = offline(turns, memory.rows + memory.slots, 64);
      double ratio = double(runBackward(turns, memory.rows, memory.slots, 64).evaluations) / best;
      if (turns <= memory.rows * 64) {
        CHECK(ratio <= 2);
        continue;
      }
      worst = std::max(worst, ratio);
      sum += ratio;
      ++all;
    }
    CAPTURE(memory.rows, worst, sum / all);
    CHECK(worst <= memory.worst);
    CHECK(sum / all <= memory.mean);
  }
}
