// The default pool under ThreadSanitizer (pool_races.sh): tensors are plain memory, so the pool alone orders what the
// caller writes before a region, what pieces write, and what the caller and later regions read. Two callers take turns
// at one pool, with pauses after which workers sleep.
#include "graphc/abi.h"
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {
struct Call {
  graphc_pool *pool;
  std::vector<long> in, out;

  static void square(void *env, int64_t from, int64_t to) {
    Call &call = *static_cast<Call *>(env);
    for (int64_t i = from; i < to; ++i) call.out[size_t(i)] = call.in[size_t(i)] * call.in[size_t(i)];
  }
  static void reverse(void *env, int64_t from, int64_t to) { // reads what other pieces of the region before wrote
    Call &call = *static_cast<Call *>(env);
    for (int64_t i = from; i < to; ++i) call.in[size_t(i)] = call.out[call.out.size() - 1 - size_t(i)];
  }

  void run(long seed, long turns) {
    for (long turn = 0; turn < turns; ++turn) {
      for (size_t i = 0; i < in.size(); ++i) in[i] = seed + turn + long(i);
      graphc_abi_parallel_for(pool, square, this, int64_t(in.size()));
      graphc_abi_parallel_for(pool, reverse, this, int64_t(in.size()));
      for (size_t i = 0; i < in.size(); ++i) {
        long wanted = seed + turn + long(in.size() - 1 - i);
        if (in[i] != wanted * wanted) std::printf("turn %ld: number %zu is wrong\n", turn, i), std::exit(1);
      }
      if (turn % 97 == 0) usleep(3000);
    }
  }
};
} // namespace

int main() {
  for (int64_t threads : {2, 3, 4}) {
    graphc_pool *pool = nullptr;
    if (graphc_abi_pool_create(threads, &pool) != GRAPHC_OK) return 1;
    Call mine{pool, std::vector<long>(64), std::vector<long>(64)}, theirs = mine;
    std::thread other([&] { theirs.run(1000, 400); });
    mine.run(1, 400);
    other.join();
    graphc_abi_pool_destroy(pool);
  }
  return 0;
}
