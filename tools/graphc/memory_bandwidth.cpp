// Loops of plain vector loads and stores, as inline assembly for the reason given in fma_peak.cpp. Every thread goes
// over memory of its own, its part of the size; all begin together and the slowest counts.
#include "tools/graphc/memory_bandwidth.h"
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <thread>

using namespace graphc;
using namespace graphc::cli;

static constexpr uint64_t block = 512; // bytes of one turn of each loop
static constexpr uint64_t smallest = 16 << 10, largest = 64 << 20;

#define GRAPHC_CLOBBERS "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7"
#define GRAPHC_LOAD(move, reg, width, i) move " " #i "*" #width "(%0), %%" reg #i "\n\t"
#define GRAPHC_STORE(move, reg, width, i) move " %%" reg #i ", " #i "*" #width "(%1)\n\t"
#define GRAPHC_FOUR(STEP, move, reg, width, a, b, c, d)                                                                \
  STEP(move, reg, width, a) STEP(move, reg, width, b) STEP(move, reg, width, c) STEP(move, reg, width, d)
#define GRAPHC_EIGHT(STEP, move, reg, width)                                                                           \
  GRAPHC_FOUR(STEP, move, reg, width, 0, 1, 2, 3) GRAPHC_FOUR(STEP, move, reg, width, 4, 5, 6, 7)
#define GRAPHC_READ_LOOP(name, move, reg, width, end)                                                                  \
  static void name(const char *from, char *, uint64_t bytes) {                                                         \
    uint64_t turns = bytes / (8 * width);                                                                              \
    __asm__ volatile("1:\n\t" GRAPHC_EIGHT(GRAPHC_LOAD, move, reg, width) "add $8*" #width                             \
                                                                          ", %0\n\tdec %1\n\tjnz 1b" end               \
                     : "+r"(from), "+r"(turns)                                                                         \
                     :                                                                                                 \
                     : GRAPHC_CLOBBERS);                                                                               \
  }
#define GRAPHC_COPY_LOOP(name, move, reg, width, end)                                                                  \
  static void name(const char *from, char *to, uint64_t bytes) {                                                       \
    uint64_t turns = bytes / (8 * width);                                                                              \
    __asm__ volatile("1:\n\t" GRAPHC_EIGHT(GRAPHC_LOAD, move, reg, width)                                              \
                         GRAPHC_EIGHT(GRAPHC_STORE, move, reg, width) "add $8*" #width ", %0\n\tadd $8*" #width        \
                                                                      ", %1\n\tdec %2\n\tjnz 1b" end                   \
                     : "+r"(from), "+r"(to), "+r"(turns)                                                               \
                     :                                                                                                 \
                     : GRAPHC_CLOBBERS);                                                                               \
  }
GRAPHC_READ_LOOP(read512, "vmovups", "zmm", 64, "\n\tvzeroupper")
GRAPHC_READ_LOOP(read256, "vmovups", "ymm", 32, "\n\tvzeroupper")
GRAPHC_READ_LOOP(read128, "movups", "xmm", 16, "")
GRAPHC_COPY_LOOP(copy512, "vmovups", "zmm", 64, "\n\tvzeroupper")
GRAPHC_COPY_LOOP(copy256, "vmovups", "ymm", 32, "\n\tvzeroupper")
GRAPHC_COPY_LOOP(copy128, "movups", "xmm", 16, "")

namespace {

using Loop = void (*)(const char *, char *, uint64_t);

struct Memory {
  explicit Memory(uint64_t bytes)
      : data(static_cast<char *>(::operator new(bytes, std::align_val_t(4096), std::nothrow))) {
    if (data) memset(data, 1, bytes); // the pages are there
  }
  ~Memory() { ::operator delete(data, std::align_val_t(4096)); }
  Memory(const Memory &) = delete;
  char *data;
};

/// GB/s of one thread: the best of a few milliseconds' turns.
double measureLoop(Loop loop, const char *from, char *to, uint64_t bytes, double bytesPerTurn) {
  using Clock = std::chrono::steady_clock;
  constexpr double shortest = 100e-6, budget = 5e-3;
  constexpr int fewest = 8; // so that one of them had the processor for itself
  double best = 0;
  int samples = 0;
  Clock::time_point start = Clock::now();
  loop(from, to, bytes);
  double once = std::chrono::duration<double>(Clock::now() - start).count();
  auto turns = static_cast<uint64_t>(shortest / (once > 1e-9 ? once : 1e-9)) + 1;
  do {
    Clock::time_point from0 = Clock::now();
    for (uint64_t i = 0; i < turns; ++i) loop(from, to, bytes);
    double seconds = std::chrono::duration<double>(Clock::now() - from0).count();
    double speed = bytesPerTurn * static_cast<double>(turns) / seconds * 1e-9;
    if (speed > best) best = speed;
  } while (++samples < fewest || std::chrono::duration<double>(Clock::now() - start).count() < budget);
  return best;
}

/// All threads at once, the size shared among them.
double measureAll(Loop loop, bool copies, uint64_t bytes, llvm::ArrayRef<std::unique_ptr<Memory>> memories) {
  uint64_t own = bytes / memories.size() / (2 * block) * (2 * block);
  if (own < 2 * block) own = 2 * block;
  std::vector<double> speeds(memories.size());
  std::atomic<size_t> waiting(memories.size());
  auto work = [&](size_t i) {
    char *data = memories[i]->data;
    --waiting;
    while (waiting) std::this_thread::yield();
    // A copy goes from one half to the other: the same bytes of data are gone over.
    speeds[i] = copies ? measureLoop(loop, data, data + own / 2, own / 2, static_cast<double>(own))
                       : measureLoop(loop, data, nullptr, own, static_cast<double>(own));
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < memories.size(); ++i) others.emplace_back(work, i);
  work(0);
  for (std::thread &other : others) other.join();
  double sum = 0;
  for (double speed : speeds) sum += speed;
  return sum;
}

} // namespace

std::vector<Bandwidth> cli::measureBandwidths(const support::IsaLevel &level, unsigned threads) {
  Loop read = level.lanes == 16 ? read512 : level.lanes == 8 ? read256 : read128;
  Loop copy = level.lanes == 16 ? copy512 : level.lanes == 8 ? copy256 : copy128;
  std::vector<Bandwidth> measured;
  std::vector<std::unique_ptr<Memory>> memories;
  for (unsigned i = 0; i < threads; ++i) {
    memories.push_back(std::make_unique<Memory>(largest / threads + 2 * block));
    if (!memories.back()->data) return {{0, 0, 0}};
  }
  for (uint64_t bytes = smallest; bytes <= largest; bytes *= 4)
    measured.push_back({bytes, measureAll(read, false, bytes, memories), measureAll(copy, true, bytes, memories)});
  return measured;
}

const Bandwidth &cli::bandwidthAt(const std::vector<Bandwidth> &measured, uint64_t bytes) {
  size_t i = 0;
  while (i + 1 < measured.size() && measured[i + 1].bytes <= bytes) ++i;
  return measured[i];
}
