# Recursion from C on a stack of 64 kB: as deep as max_depth says and not a call deeper, which is a status that names the function;
# the next call works and nothing around the context has changed; so does a tape of calls that is full, and one call more; state and random numbers by depth; derivatives as deep; no call
# allocates. All levels, -O0 and -O2.
source "$(dirname "$0")/setup.sh"
cat >"$work/use.c" <<'C'
#include "recursion.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(c) do { if (!(c)) { fprintf(stderr, "line %d: %s\n", __LINE__, #c); exit(1); } } while (0)
static int counting, allocations;
void *__real_malloc(size_t);
void *__wrap_malloc(size_t bytes) { allocations += counting; return __real_malloc(bytes); }
static recursion_context *k;
static recursion_model *m;
static struct { int n; double x[3], y[3], value, slope; int32_t leaves, calls; graphc_status deep, tree, slopes; } job;
static void *work(void *none) {
  job.deep = recursion_deep(k, m, job.n, job.x, sizeof job.x, job.y, sizeof job.y);
  job.tree = recursion_count(k, m, 11, &job.leaves, &job.calls);
  job.slopes = recursion_slope(k, m, 1999, job.x[0], &job.value, &job.slope);
  return none;
}
static void onSmallStack(int n) {
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK(!pthread_attr_init(&attributes) && !pthread_attr_setstacksize(&attributes, 65536));
  job.n = n;
  CHECK(!pthread_create(&thread, &attributes, work, NULL) && !pthread_join(thread, NULL));
  pthread_attr_destroy(&attributes);
}
/* mixed and its derivative by x, and how many calls it takes */
static int mixed(int n, double x, const uint8_t *twice, double *y, double *dy) {
  double a, da, b, db;
  if (n < 1) return *y = sin(x), *dy = cos(x), 1;
  if (twice[n]) {
    int calls = 1 + mixed(n - 1, x * 0.9, twice, &a, &da) + mixed(0, x, twice, &b, &db);
    return *y = a * b, *dy = 0.9 * da * b + a * db, calls;
  }
  int calls = 1 + mixed(n - 1, x * 0.5, twice, &a, &da);
  return *y = tanh(a), *dy = (1 - *y * *y) * 0.5 * da, calls;
}
/* As many calls as fit, then one more, twice, then as many again: what the second leaves behind is nothing. */
static void fillTape(void) {
  uint8_t twice[9] = {0, 0, 1, 0};
  double wanted, slope;
  CHECK(mixed(2, 0.7, twice, &wanted, &slope) == 4);
  CHECK(mixed(3, 0.7, twice, &wanted, &slope) == 5);
  for (int round = 0; round < 3; ++round) {
    for (int n = 0; n < 3; ++n) {
      double value = 0, found = 0;
      mixed(n, 0.7, twice, &wanted, &slope);
      CHECK(recursion_mixed_slope(k, m, n, 0.7, twice, sizeof twice, &value, &found) == GRAPHC_OK);
      CHECK(fabs(value - wanted) < 1e-14 && fabs(found - slope) < 1e-14);
    }
    for (int n = 3; n < 5; ++n) {
      double value, found;
      CHECK(recursion_mixed_slope(k, m, n, 0.7, twice, sizeof twice, &value, &found) == GRAPHC_ERR_TAPE);
      CHECK(strstr(recursion_context_message(k), "'mixed_slope' passed the limit of 'mixed': max_calls"));
    }
  }
}
int main(void) {
  size_t bytes = RECURSION_CONTEXT_BYTES, guard = 4096;
  unsigned char *memory = aligned_alloc(GRAPHC_ALIGN, (bytes + guard + GRAPHC_ALIGN - 1) / GRAPHC_ALIGN * GRAPHC_ALIGN);
  memset(memory, 0xa5, bytes + guard);
  CHECK(recursion_context_init(memory, bytes, NULL, &k) == GRAPHC_OK && recursion_model_create(NULL, &m) == GRAPHC_OK);
  double wanted[3], value = 0.3, slope = 1;
  for (int i = 0; i < 3; ++i) job.x[i] = wanted[i] = 0.3 + i;
  for (int i = 0; i < 1999; ++i) slope = cos(value) * slope + 1, value = sin(value) + 0.3;
  for (int round = 0; round < 3; ++round) {
    counting = 0;
    onSmallStack(99999 + round % 2);
    if (round % 2) {
      CHECK(job.deep == GRAPHC_ERR_DEPTH);
      CHECK(recursion_deep(k, m, 100000, job.x, sizeof job.x, job.y, sizeof job.y) == GRAPHC_ERR_DEPTH);
      CHECK(strstr(recursion_context_message(k), "'deep' passed the limit of 'deep': max_depth"));
      CHECK(recursion_deep(k, m, 2000000000, job.x, sizeof job.x, job.y, sizeof job.y) == GRAPHC_ERR_DEPTH);
    } else {
      CHECK(job.deep == GRAPHC_OK);
      for (int i = 0; i < 3; ++i) CHECK(fabs(job.y[i] - 99999) < 1e-9); /* x halves: nothing is left of it */
    }
    CHECK(job.tree == GRAPHC_OK && job.leaves == 2048 && job.calls == round + 1);
    CHECK(job.slopes == GRAPHC_OK && fabs(job.value - value) < 1e-12 && fabs(job.slope - slope) < 1e-12);
    fillTape();
    for (size_t i = 0; i < guard; ++i) CHECK(memory[bytes + i] == 0xa5);
  }
  int32_t leaves = 0, calls = 0;
  CHECK(recursion_count(k, m, 12, &leaves, &calls) == GRAPHC_ERR_DEPTH);
  CHECK(recursion_count(k, m, 2, &leaves, &calls) == GRAPHC_OK && leaves == 4);
  CHECK(recursion_slope(k, m, 2000, 0.3, &value, &slope) == GRAPHC_ERR_DEPTH);
  uint8_t even = 9;
  CHECK(recursion_is_even(k, m, 42, &even) == GRAPHC_OK && even == 1);
  CHECK(recursion_is_even(k, m, 41, &even) == GRAPHC_OK && even == 0);
  CHECK(recursion_is_even(k, m, 1000, &even) == GRAPHC_ERR_DEPTH);
  double draws[9][2], again[2];
  counting = 1;
  for (int n = 0; n < 9; ++n) CHECK(recursion_draw(k, m, n, draws[n], sizeof draws[n]) == GRAPHC_OK);
  CHECK(recursion_draw(k, m, 4, again, sizeof again) == GRAPHC_OK && !memcmp(again, draws[4], sizeof again));
  counting = 0;
  for (int n = 0; n < 9; ++n)
    for (int l = 0; l < n; ++l) CHECK(draws[n][0] != draws[l][0]);
  CHECK(allocations == 0);
  recursion_model_destroy(m), free(memory);
  return 0;
}
C
use_variants recursion -pthread -Wl,--wrap=malloc
