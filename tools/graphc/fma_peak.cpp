// Inline assembly, so that neither the compiler's flags nor its optimizer have a say: twelve accumulators hide the
// latency of any core with two units. Only the level's own instructions are executed (the caller never asks for more
// than the machine has). Several threads are pinned to a processor each: two that shared one for a while would make the
// peak look lower than it is.
#include "tools/graphc/fma_peak.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <sched.h>
#include <thread>
#include <vector>

using namespace graphc;

static constexpr int accumulators = 12;

// r = r * b + c with b = 0.999 and c = 0.001: values stay near 1, so no denormal and no special case slows them.
#define GRAPHC_EACH(STEP)                                                                                              \
  STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10) STEP(11)
#define GRAPHC_CLOBBERS                                                                                                \
  "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm14",     \
      "xmm15"
#define GRAPHC_SET_512(i) "vmovaps %%zmm14, %%zmm" #i "\n\t"
#define GRAPHC_FMA_512(i) "vfmadd213ps %%zmm15, %%zmm14, %%zmm" #i "\n\t"
#define GRAPHC_SET_256(i) "vmovaps %%ymm14, %%ymm" #i "\n\t"
#define GRAPHC_FMA_256(i) "vfmadd213ps %%ymm15, %%ymm14, %%ymm" #i "\n\t"
#define GRAPHC_SET_128(i) "movaps %%xmm14, %%xmm" #i "\n\t"
#define GRAPHC_FMA_128(i)                                                                                              \
  "mulps %%xmm14, %%xmm" #i "\n\t"                                                                                     \
  "addps %%xmm15, %%xmm" #i "\n\t"

static const float factor = 0.999f, summand = 0.001f;

static void multiplyAdd512(int64_t turns) {
  __asm__ volatile("vbroadcastss %1, %%zmm14\n\tvbroadcastss %2, %%zmm15\n\t" GRAPHC_EACH(GRAPHC_SET_512) //
                   "1:\n\t" GRAPHC_EACH(GRAPHC_FMA_512) "dec %0\n\tjnz 1b\n\tvzeroupper"
                   : "+r"(turns)
                   : "m"(factor), "m"(summand)
                   : GRAPHC_CLOBBERS);
}

static void multiplyAdd256(int64_t turns) {
  __asm__ volatile("vbroadcastss %1, %%ymm14\n\tvbroadcastss %2, %%ymm15\n\t" GRAPHC_EACH(GRAPHC_SET_256) //
                   "1:\n\t" GRAPHC_EACH(GRAPHC_FMA_256) "dec %0\n\tjnz 1b\n\tvzeroupper"
                   : "+r"(turns)
                   : "m"(factor), "m"(summand)
                   : GRAPHC_CLOBBERS);
}

static void multiplyAdd128(int64_t turns) {
  __asm__ volatile("movss %1, %%xmm14\n\tshufps $0, %%xmm14, %%xmm14\n\t"
                   "movss %2, %%xmm15\n\tshufps $0, %%xmm15, %%xmm15\n\t" GRAPHC_EACH(GRAPHC_SET_128) //
                   "1:\n\t" GRAPHC_EACH(GRAPHC_FMA_128) "dec %0\n\tjnz 1b"
                   : "+r"(turns)
                   : "m"(factor), "m"(summand)
                   : GRAPHC_CLOBBERS);
}

/// Of one thread: over all of the time, or at best.
struct Speed {
  double mean, best;
};

static Speed measureOne(const support::IsaLevel &level) {
  using Clock = std::chrono::steady_clock;
  constexpr int64_t turnsOfBlock = 50000; // a fraction of a millisecond on any machine
  auto block = level.lanes == 16 ? multiplyAdd512 : level.lanes == 8 ? multiplyAdd256 : multiplyAdd128;
  const double flopsOfBlock = double(turnsOfBlock) * accumulators * level.lanes * 2;
  double seconds = 0, flops = 0, best = 0;
  Clock::time_point start = Clock::now();
  do {
    double before = seconds;
    block(turnsOfBlock);
    flops += flopsOfBlock;
    seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, flopsOfBlock / (seconds - before));
  } while (seconds < 5e-3);
  return {flops / seconds * 1e-9, best * 1e-9};
}

/// Where this process may run.
static std::vector<unsigned> allowedProcessors() {
  cpu_set_t allowed;
  std::vector<unsigned> result;
  if (sched_getaffinity(0, sizeof allowed, &allowed)) return result;
  for (unsigned i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &allowed)) result.push_back(i);
  return result;
}

static void stayOn(unsigned processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  sched_setaffinity(0, sizeof one, &one); // where that fails, the scheduler places the thread as it does the calls'
}

static Speed measure(const support::IsaLevel &level, unsigned threads) {
  if (threads == 1) return measureOne(level);
  std::vector<unsigned> processors = allowedProcessors();
  std::vector<Speed> speeds(threads);
  std::vector<std::thread> team; // of its own, so that the caller is not pinned
  std::atomic<unsigned> missing{threads};
  for (unsigned i = 0; i < threads; ++i)
    team.emplace_back([&, i] {
      if (!processors.empty()) stayOn(processors[i % processors.size()]);
      for (--missing; missing;) std::this_thread::yield(); // all at once
      speeds[i] = measureOne(level);
    });
  Speed sum{0, 0};
  for (unsigned i = 0; i < threads; ++i) {
    team[i].join();
    sum = {sum.mean + speeds[i].mean, sum.best + speeds[i].best};
  }
  return sum;
}

double cli::measureFmaPeak(const support::IsaLevel &level, unsigned threads) { return measure(level, threads).mean; }

double cli::measureFmaRoof(const support::IsaLevel &level, unsigned threads) { return measure(level, threads).best; }
