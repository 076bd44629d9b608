// The default pool: every number once, whatever the threads; bodies that fall asleep, nest, share a pool or change the
// floating-point state; forks; creation that fails.
#include "fake_library.h"
#include "faults.h"
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <xmmintrin.h>

using namespace fake;

namespace {
struct Pool {
  explicit Pool(int64_t threads) { REQUIRE(graphc_abi_pool_create(threads, &pool) == GRAPHC_OK); }
  ~Pool() { graphc_abi_pool_destroy(pool); }
  Pool(const Pool &) = delete;
  void run(void (*body)(void *, int64_t, int64_t), void *env, int64_t count) {
    graphc_abi_parallel_for(pool, body, env, count);
  }
  graphc_pool *pool = nullptr;
};

/// Counts how often each number is visited.
struct Visits {
  explicit Visits(int64_t count) : times(count) {}
  static void body(void *env, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) ++static_cast<Visits *>(env)->times[i];
  }
  bool areAll(int wanted) const {
    for (auto &time : times)
      if (time != wanted) return false;
    return true;
  }
  std::vector<std::atomic<int>> times;
};
} // namespace

TEST_CASE("pool: every number is visited once, for any count and number of threads") {
  for (int64_t threads : {1, 2, 3, 7}) {
    Pool pool(threads);
    for (int64_t count : {0, 1, 2, 3, 64, 1000}) {
      Visits visits(count);
      for (int turn = 0; turn < 200; ++turn) pool.run(Visits::body, &visits, count);
      CHECK(visits.areAll(200));
    }
    pool.run(Visits::body, nullptr, -1); // nothing to visit
  }
}

TEST_CASE("pool: more numbers than pieces") {
  Pool pool(2);
  Visits visits((1 << 15) * 3 + 5);
  pool.run(Visits::body, &visits, visits.times.size());
  CHECK(visits.areAll(1));
}

TEST_CASE("pool: all threads take part, also after they slept") {
  struct Seen {
    std::mutex mutex;
    std::set<std::thread::id> threads;
  };
  Pool pool(3);
  for (int pause : {0, 50}) {
    std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    Seen seen;
    for (int turn = 0; turn < 1000 && seen.threads.size() < 3; ++turn)
      pool.run(
          [](void *env, int64_t, int64_t) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            Seen *seen = static_cast<Seen *>(env);
            std::lock_guard<std::mutex> lock(seen->mutex);
            seen->threads.insert(std::this_thread::get_id());
          },
          &seen, 6);
    CHECK(seen.threads.size() == 3);
  }
}

TEST_CASE("pool: a region inside a region, and one of another thread, are serial") {
  struct Nest {
    Pool pool{3};
    std::atomic<int> inner{0}, pieces{0};
  } nest;
  nest.pool.run(
      [](void *env, int64_t, int64_t) {
        Nest *nest = static_cast<Nest *>(env);
        nest->pool.run(
            [](void *env, int64_t from, int64_t to) {
              static_cast<Nest *>(env)->inner += int(to - from);
              ++static_cast<Nest *>(env)->pieces;
            },
            env, 10);
      },
      &nest, 20);
  CHECK(nest.inner == 200);
  CHECK(nest.pieces == 20); // each in one piece
}

TEST_CASE("pool: two threads with one pool, each gets its own work done") {
  Pool pool(2);
  std::atomic<int> wrong{0};
  auto turns = [&] {
    for (int turn = 0; turn < 2000; ++turn) {
      Visits visits(16);
      pool.run(Visits::body, &visits, 16);
      wrong += !visits.areAll(1);
    }
  };
  std::thread other(turns);
  turns();
  other.join();
  CHECK(wrong == 0);
}

TEST_CASE("pool: workers compute with the caller's floating-point state") {
  Pool pool(3);
  unsigned before = _mm_getcsr();
  for (unsigned rounding : {0u, 3u}) {
    _mm_setcsr((before & ~0x6000u) | rounding << 13);
    std::atomic<int> wrong{0};
    struct Env {
      std::atomic<int> &wrong;
      unsigned wanted;
    } env{wrong, _mm_getcsr() & 0xffc0u};
    for (int turn = 0; turn < 100; ++turn)
      pool.run(
          [](void *p, int64_t, int64_t) {
            Env *env = static_cast<Env *>(p);
            env->wrong += (_mm_getcsr() & 0xffc0u) != env->wanted;
          },
          &env, 64);
    CHECK(wrong == 0);
  }
  _mm_setcsr(before);
}

TEST_CASE("pool: the child of a fork works alone") {
  Pool pool(3);
  Visits visits(100);
  pool.run(Visits::body, &visits, 100);
  for (int turn = 0; turn < 20; ++turn) {
    pid_t child = fork();
    if (child == 0) {
      pool.run(Visits::body, &visits, 100);
      graphc_abi_pool_destroy(pool.pool);
      _exit(visits.areAll(2) ? 0 : 1);
    }
    int status = 1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
}

TEST_CASE("pool: a region never allocates; creation fails cleanly") {
  Pool pool(2);
  Visits visits(64);
  faults::reset();
  for (int turn = 0; turn < 1000; ++turn) pool.run(Visits::body, &visits, 64);
  CHECK(faults::allocations == 0);
  graphc_pool *made = pool.pool;
  faults::failAllocation(1);
  CHECK(graphc_abi_pool_create(2, &made) == GRAPHC_ERR_MEMORY);
  CHECK(made == nullptr);
  faults::reset();
  CHECK(graphc_abi_pool_create(0, &made) == GRAPHC_ERR_SIZE);
  CHECK(graphc_abi_pool_create(1025, &made) == GRAPHC_ERR_SIZE);
  CHECK(graphc_abi_pool_create(2, nullptr) == GRAPHC_ERR_NULL);
  graphc_abi_pool_destroy(nullptr);
}

TEST_CASE("context: its team reaches the body; a pool without parallel_for is refused") {
  graphc_options options = {sizeof(options), 0, 0, 0, nullptr, &options};
  void *made = &made;
  CHECK(graphc_abi_context_create(&options, &made) == GRAPHC_ERR_NULL);
  CHECK(made == nullptr);
  CHECK(graphc_abi_model_create(&options, &made) == GRAPHC_ERR_NULL);
  Session session;
  REQUIRE(graphc_abi_call(Team, session.context, nullptr, nullptr, nullptr, nullptr) == GRAPHC_OK);
  CHECK(seenTeam.parallel_for == nullptr);
  options.parallel_for = graphc_abi_parallel_for;
  void *context = nullptr;
  REQUIRE(graphc_abi_context_create(&options, &context) == GRAPHC_OK);
  REQUIRE(graphc_abi_call(Team, context, nullptr, nullptr, nullptr, nullptr) == GRAPHC_OK);
  CHECK(seenTeam.parallel_for == graphc_abi_parallel_for);
  CHECK(seenTeam.pool == &options);
  graphc_abi_context_destroy(context);
}
