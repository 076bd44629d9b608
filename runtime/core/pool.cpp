// The default pool: a graphc_parallel_for on threads that the caller asked for. A region is one word, `ticket`: a count
// of regions and the range of pieces that nobody has taken yet, so that a late worker can never take a piece of a
// region that is over (its compare-and-swap meets another count). The caller takes pieces from the front, workers from
// the back: so from region to region and from call to call the same parts of tensors tend to stay on the same
// processor, between whose caches a line travels for 20 ns (measured). The caller waits only for pieces that others
// took: workers that sleep or were lost in a fork cost nothing but speed. Workers spin for a while and then sleep;
// waking them takes the caller up to 60 us (measured, a virtual machine), so it does so only when it has missed them
// for as long. A pool in use, by another thread or by the very body that it runs, works serially: nobody waits for
// anybody, so nothing can lock up. Nothing is allocated but in create.
#include "core/library.h"
#include "graphc/abi.h"
#include <emmintrin.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

using Body = void (*)(void *, int64_t, int64_t);

namespace {
constexpr int64_t mostThreads = 1024, mostPieces = 1 << 15;
/// Pauses until a worker sleeps (about 1 ms: longer than the serial work between two regions of a call) and until a
/// caller lets others run on its processor.
constexpr int workerSpins = 40000, callerSpins = 1000;
constexpr int64_t missedBeforeWake = 60000; // ns
/// Of a ticket: the range of free pieces, `front` in bits 16 to 31, `back` in bits 0 to 15.
constexpr uint64_t oneRegion = uint64_t(1) << 32, oneFront = 1 << 16;
int64_t front(uint64_t ticket) { return ticket >> 16 & 0xffff; }
int64_t back(uint64_t ticket) { return ticket & 0xffff; }
} // namespace

struct graphc_pool {
  // Written by the caller of a region, read by workers before they take a piece and used only after.
  alignas(64) Body body;
  void *env;
  int64_t count, perPiece;
  uint32_t pieces, floatState;
  int64_t missed; // ns, about, that regions took while workers slept
  alignas(64) uint64_t ticket;
  alignas(64) uint32_t finished; // pieces
  alignas(64) uint32_t busy;     // 1 while a region runs
  alignas(64) uint32_t sleepers;
  bool stop;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  uint32_t workers;
  pid_t process;
  pthread_t threads[]; // the caller is none of them
};

namespace {

template <class T> T relaxed(const T &from) { return __atomic_load_n(&from, __ATOMIC_RELAXED); }
template <class T> void setRelaxed(T &to, T value) { __atomic_store_n(&to, value, __ATOMIC_RELAXED); }

/// Runs a piece that nobody has taken; false if there is none. `own`: the caller, whose floating-point state is the
/// region's already.
bool runPiece(graphc_pool *pool, bool own) {
  uint64_t ticket = __atomic_load_n(&pool->ticket, __ATOMIC_ACQUIRE);
  while (front(ticket) != back(ticket)) {
    Body body = relaxed(pool->body);
    void *env = relaxed(pool->env);
    int64_t count = relaxed(pool->count), perPiece = relaxed(pool->perPiece);
    uint32_t floatState = relaxed(pool->floatState);
    // Succeeds only if these were of the region that `ticket` counts: the next begins when all its pieces are finished.
    uint64_t next = own ? ticket + oneFront : ticket - 1;
    if (!__atomic_compare_exchange_n(&pool->ticket, &ticket, next, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) continue;
    int64_t from = (own ? front(ticket) : back(next)) * perPiece;
    int64_t to = count - from < perPiece ? count : from + perPiece;
    if (!own) _mm_setcsr(floatState); // rounding and denormals as the caller has them
    body(env, from, to);
    __atomic_fetch_add(&pool->finished, 1u, __ATOMIC_RELEASE);
    return true;
  }
  return false;
}

void work(graphc_pool *pool, bool own) {
  while (runPiece(pool, own)) {}
}

bool isIdle(const graphc_pool *pool) {
  uint64_t ticket = __atomic_load_n(&pool->ticket, __ATOMIC_SEQ_CST);
  return front(ticket) == back(ticket);
}

void *workerMain(void *argument) {
  graphc_pool *pool = static_cast<graphc_pool *>(argument);
  for (;;) {
    work(pool, false);
    for (int i = 0; i < workerSpins && isIdle(pool); ++i) _mm_pause();
    if (!isIdle(pool)) continue;
    pthread_mutex_lock(&pool->mutex);
    // Counted before the last look at the ticket, as a region sets the ticket before it looks for sleepers.
    __atomic_fetch_add(&pool->sleepers, 1u, __ATOMIC_SEQ_CST);
    while (isIdle(pool) && !pool->stop) pthread_cond_wait(&pool->wake, &pool->mutex);
    __atomic_fetch_sub(&pool->sleepers, 1u, __ATOMIC_SEQ_CST);
    bool stop = pool->stop;
    pthread_mutex_unlock(&pool->mutex);
    if (stop) return nullptr;
  }
}

void end(graphc_pool *pool) {
  if (pool->process == getpid()) { // the child of a fork has the memory alone
    pthread_mutex_lock(&pool->mutex);
    pool->stop = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (uint32_t i = 0; i < pool->workers; ++i) pthread_join(pool->threads[i], nullptr);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
  }
  free(pool);
}

/// False if the system gives no more threads. They take no signals: these are for the program's own threads.
bool start(graphc_pool *pool, uint32_t workers) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool->workers < workers && pthread_create(&pool->threads[pool->workers], nullptr, workerMain, pool) == 0)
    ++pool->workers;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pool->workers == workers;
}

int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000 + time.tv_nsec;
}

/// Of a region: the caller measures one piece itself, and wakes the others once it has missed them for long enough.
void wakeIfWorthwhile(graphc_pool *pool) {
  int64_t start = now();
  if (runPiece(pool, true)) pool->missed += (now() - start) * pool->pieces;
  // Who holds the mutex is about to sleep, or was when this process was forked from its own: then it is held for ever.
  if (pool->missed < missedBeforeWake || pthread_mutex_trylock(&pool->mutex) != 0) return;
  pool->missed = 0;
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
}

} // namespace

extern "C" {

graphc_status graphc_abi_pool_create(int64_t threads, graphc_pool **result) {
  if (!result) return GRAPHC_ERR_NULL;
  *result = nullptr;
  if (threads < 1 || threads > mostThreads) return GRAPHC_ERR_SIZE;
  uint32_t workers = static_cast<uint32_t>(threads) - 1;
  uint64_t bytes = graphc::runtime::roundUp(sizeof(graphc_pool) + workers * sizeof(pthread_t));
  graphc_pool *pool = static_cast<graphc_pool *>(aligned_alloc(GRAPHC_ALIGN, bytes));
  if (!pool) return GRAPHC_ERR_MEMORY;
  memset(static_cast<void *>(pool), 0, bytes);
  pool->process = getpid();
  pthread_mutex_init(&pool->mutex, nullptr);
  pthread_cond_init(&pool->wake, nullptr);
  if (!start(pool, workers)) {
    end(pool);
    return GRAPHC_ERR_MEMORY;
  }
  *result = pool;
  return GRAPHC_OK;
}

void graphc_abi_pool_destroy(graphc_pool *pool) {
  if (pool) end(pool);
}

void graphc_abi_parallel_for(void *pointer, void (*body)(void *env, int64_t from, int64_t to), void *env,
                             int64_t count) {
  graphc_pool *pool = static_cast<graphc_pool *>(pointer);
  if (count <= 0) return;
  if (!pool || !pool->workers || count == 1 || __atomic_exchange_n(&pool->busy, 1u, __ATOMIC_ACQUIRE))
    return body(env, 0, count);
  int64_t perPiece = (count - 1) / mostPieces + 1;
  uint32_t pieces = static_cast<uint32_t>((count - 1) / perPiece + 1);
  setRelaxed(pool->body, body);
  setRelaxed(pool->env, env);
  setRelaxed(pool->count, count);
  setRelaxed(pool->perPiece, perPiece);
  setRelaxed(pool->pieces, pieces);
  setRelaxed(pool->floatState, uint32_t(_mm_getcsr()));
  setRelaxed(pool->finished, 0u);
  uint64_t region = (relaxed(pool->ticket) / oneRegion + 1) * oneRegion;
  __atomic_store_n(&pool->ticket, region | pieces, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&pool->sleepers, __ATOMIC_SEQ_CST)) wakeIfWorthwhile(pool);
  work(pool, true);
  for (int i = 0; __atomic_load_n(&pool->finished, __ATOMIC_ACQUIRE) != pieces; ++i)
    if (i < callerSpins)
      _mm_pause();
    else
      sched_yield();
  __atomic_store_n(&pool->busy, 0u, __ATOMIC_RELEASE);
}
}
