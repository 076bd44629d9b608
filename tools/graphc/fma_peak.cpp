// Inline assembly, so that neither the compiler's flags nor its optimizer have a say: twelve accumulators hide the
// latency of any core with two units. Only the level's own instructions are executed (the caller never asks for more
// than the machine has).
#include "tools/graphc/fma_peak.h"
#include <algorithm>
#include <chrono>
#include <cstdint>
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

static Speed measure(const support::IsaLevel &level, unsigned threads) {
  std::vector<Speed> speeds(threads);
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i)
    others.emplace_back([&level, &speed = speeds[i]] { speed = measureOne(level); });
  speeds[0] = measureOne(level);
  for (std::thread &other : others) other.join();
  Speed sum{0, 0};
  for (const Speed &speed : speeds) sum = {sum.mean + speed.mean, sum.best + speed.best};
  return sum;
}

double cli::measureFmaPeak(const support::IsaLevel &level, unsigned threads) { return measure(level, threads).mean; }

double cli::measureFmaRoof(const support::IsaLevel &level, unsigned threads) { return measure(level, threads).best; }
